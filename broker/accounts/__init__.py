"""Accounts: a random secret that only its owner's sign-in can open, and what follows from it."""
