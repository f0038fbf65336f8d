"""The log: entries that cannot break and hold nobody."""
