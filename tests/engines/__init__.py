"""The engines that a hub may keep its state in, started by the tests themselves and stopped at their end."""
