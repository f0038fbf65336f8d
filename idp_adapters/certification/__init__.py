"""The kit that candidate providers run, and the simulated providers that it is tried on."""
