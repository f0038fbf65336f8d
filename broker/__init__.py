"""The hub: relying services in front, identity providers behind."""
