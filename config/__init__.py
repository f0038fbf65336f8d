"""Settings and the federation registry, read once at the door and frozen."""
