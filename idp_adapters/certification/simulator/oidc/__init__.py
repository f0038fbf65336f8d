"""A simulated OpenID Provider: correct unless it is asked to misbehave, and then in exactly one way."""
