"""A complete local federation: hub, stand-in provider, two services as their own teams would write them."""
