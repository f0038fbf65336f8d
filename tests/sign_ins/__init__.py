"""Whole sign-ins over real HTTP, between real processes: one story in each file."""
