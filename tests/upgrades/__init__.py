"""Two versions on one schema: what a migration may change, and a hub on a schema that is behind or ahead."""
