"""What the hub says of itself to every client, and nothing that it cannot keep (OIDC Discovery §3, RFC 8414).

Invariant: the document is made of what the code and the registry can do now: algorithms with an active key,
scopes and claims that some service is registered for, levels that some open and certified provider reaches.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from broker.oidc.asked import RESPONSE_MODES
from broker.oidc.client_assertion import ALGORITHMS
from broker.oidc.request_checks import CLIENT_AUTHENTICATION_METHODS, PROMPTS, RESPONSE_TYPES
from broker.oidc.scopes import OPENID, registered_scopes
from broker.oidc.signing_keys import SigningKeys
from broker.routing import may_start_here
from config.attributes import CATALOGUE
from config.confidence import NAMEABLE_LEVELS
from config.federation import Federation
from idp_adapters.identity import JsonValue

AUTHORIZATION_PATH: Final = "/authorize"
TOKEN_PATH: Final = "/token"  # noqa: S105, a path
USERINFO_PATH: Final = "/userinfo"
JWKS_PATH: Final = "/jwks"

PROTOCOL_CLAIMS: Final = ("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "at_hash", "sid")
UI_LOCALES: Final = ("en-GB", "cy")
_NOT_GIVEN: Final = frozenset({"born_in_year_range"})
"""Claims that can be registered, but that this version does not work out."""


def provider_metadata(
    issuer: str, federation: Federation, keys: SigningKeys, *, now: datetime
) -> dict[str, JsonValue]:
    """Return the metadata document, the same at both well-known addresses."""
    services = federation.services.values()
    scopes = {scope for service in services for scope in registered_scopes(service)}
    attributes = {attribute.name for service in services for attribute in service.attributes}
    given = (CATALOGUE[name].claims for name in CATALOGUE if name in attributes - _NOT_GIVEN)
    return {
        "issuer": issuer,
        "authorization_endpoint": issuer + AUTHORIZATION_PATH,
        "token_endpoint": issuer + TOKEN_PATH,
        "userinfo_endpoint": issuer + USERINFO_PATH,
        "jwks_uri": issuer + JWKS_PATH,
        "scopes_supported": [OPENID, *sorted(scopes - {OPENID})],
        "response_types_supported": list(RESPONSE_TYPES),
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": ["authorization_code"],
        "acr_values_supported": _texts(_reachable_acr_values(federation, now)),
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": _texts(keys.algorithms),
        "token_endpoint_auth_methods_supported": _texts(CLIENT_AUTHENTICATION_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": list(PROMPTS),
        "display_values_supported": ["page"],
        "claim_types_supported": ["normal"],
        "claims_supported": list(
            dict.fromkeys([*PROTOCOL_CLAIMS, *(claim for claims in given for claim in claims)])
        ),
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "ui_locales_supported": list(UI_LOCALES),
        "op_policy_uri": f"{issuer}/privacy",
    }


def _reachable_acr_values(federation: Federation, now: datetime) -> tuple[str, ...]:
    """Return the levels that a citizen can be brought to now, lowest first."""
    open_providers = [provider for provider in federation.providers.values() if may_start_here(provider, now)]
    reachable = {level for provider in open_providers for level in provider.reachable_levels(now)}
    return tuple(level.acr for level in NAMEABLE_LEVELS if any(reached.meets(level) for reached in reachable))


def _texts(values: Iterable[str]) -> list[JsonValue]:
    return [str(value) for value in values]
