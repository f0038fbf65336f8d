"""Scopes: what a service may ask for in one word, as far as its registration goes (OIDC Core §5.4).

Invariant: a scope is registered exactly when the service registered an attribute that it stands for, so that
no scope is a second way to attributes.
"""

from __future__ import annotations

from typing import Final

from broker.disclosure import EVERYTHING_REGISTERED
from config.attributes import CATALOGUE
from config.federation import RelyingService

OPENID: Final = "openid"


def registered_scopes(service: RelyingService) -> frozenset[str]:
    """Return the scopes that a registration covers: those with at least one registered attribute."""
    scopes = {OPENID}
    if service.attributes:
        scopes.add(EVERYTHING_REGISTERED)
    covered = (CATALOGUE[attribute.name].scope for attribute in service.attributes)
    return frozenset(scopes | {scope.value for scope in covered if scope is not None})
