"""The append-only log of decisions and its verifier, which depends on none of our other packages."""
