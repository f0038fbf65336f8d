"""Doors: each parses a request, calls one step, and answers."""
