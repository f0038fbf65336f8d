"""Providers that speak OpenID Connect; see `adapter`."""
