"""One sign-in as a state machine, and the steps that move it."""
