"""The rules in words; this folder may import everything and nothing imports it."""
