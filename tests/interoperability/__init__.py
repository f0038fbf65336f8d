"""A second pair of eyes: other libraries read what the hub signs and says, without a line of the hub's."""
