"""Short-lived state: handles given out, envelopes sealed under them, and the port that stores them."""
