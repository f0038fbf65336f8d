"""What the hub does and how long it takes, as numbers for Prometheus, on an address of their own."""
