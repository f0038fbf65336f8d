"""Registrations, requests and identities, valid by default, so that a test shows its one difference."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from broker.oidc.parameters import Parameters, parse_parameters
from config.federation import Federation, IdentityProvider, RelyingService
from idp_adapters.identity import ClaimedAssurance, JsonValue, VerifiedIdentity

ISSUER = "https://hub.example"
NOW = datetime(2026, 5, 14, 9, 30, tzinfo=UTC)
REDIRECT_URI = "https://rivers.example/callback?from=hub"
CODE_VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CODE_CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(CODE_VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
MEDIUM = "urn:example:northgate:medium"
HIGH = "urn:example:northgate:high"
LOW = "urn:example:northgate:low"


def a_service(**differences: object) -> RelyingService:
    """Return a service of medium.medium that may ask for a name, whether over 18, and a postcode area."""
    members: dict[str, object] = {
        "id": "fishing-licence",
        "name": {"en": "Renew a fishing licence"},
        "organisation": "Rivers Agency",
        "sector": "rivers.example",
        "redirect_uris": (REDIRECT_URI,),
        "client_authentication": {"method": "client_secret_basic", "secret_sha256": "0" * 64},
        "assurance": {"minimum": "medium.medium"},
        "attributes": some_attributes("name", "age_over_18", postcode_area=False),
    }
    return RelyingService.model_validate_json(json.dumps(members | differences))


def some_attributes(*required: str, **others: bool) -> tuple[Mapping[str, object], ...]:
    """Return registrations of attributes: those named alone are required, the others as said."""
    wanted = dict.fromkeys(required, True) | others
    return tuple(
        {"name": name, "purpose": {"en": "To print on the licence"}, "required": needed}
        for name, needed in wanted.items()
    )


def a_provider(**differences: object) -> IdentityProvider:
    """Return an open provider that reaches high.high, certified until the end of 2026."""
    members: dict[str, object] = {
        "id": "northgate",
        "name": {"en": "Northgate Identity"},
        "kind": "private",
        "adapter": "oidc",
        "settings": {},
        "levels": {
            HIGH: {"level": "high.high", "scheme": "gpg45/0.4"},
            MEDIUM: {"level": "medium.medium", "scheme": "gpg45/0.4"},
            LOW: {"level": "low.medium", "scheme": "gpg45/0.4"},
        },
        "certification": {"self_declared": True, "not_after": "2026-12-31"},
    }
    return IdentityProvider.model_validate_json(json.dumps(members | differences))


def a_federation(*entries: RelyingService | IdentityProvider) -> Federation:
    """Return a federation of these; of one service and one provider when none are given."""
    chosen = entries or (a_service(), a_provider())
    return Federation.of(
        [entry for entry in chosen if isinstance(entry, RelyingService)],
        [entry for entry in chosen if isinstance(entry, IdentityProvider)],
    )


def an_identity(**differences: object) -> VerifiedIdentity:
    """Return Ann, born in 1990, living in London, signed in a minute ago at medium."""
    members: dict[str, object] = {
        "provider": "northgate",
        "subject": "upstream-subject",
        "attributes": dict(ATTRIBUTES),
        "assurance": ClaimedAssurance(value=MEDIUM, found_in="id_token.acr"),
        "authenticated_at": datetime(2026, 5, 14, 9, 29, tzinfo=UTC),
        "methods": (),
        "provider_session": None,
        "assertion_digest": b"\x00" * 32,
    }
    return VerifiedIdentity(**(members | differences))  # type: ignore[arg-type]


ATTRIBUTES: Mapping[str, JsonValue] = {
    "name": "Ann Example",
    "given_name": "Ann",
    "family_name": "Example",
    "birthdate": "1990-02-28",
    "email": "ann@mail.example",
    "email_verified": True,
    "address": {"street_address": "1 High Street", "postal_code": "SW1A 1AA", "country": "GB"},
    "nationalities": ["GBR"],
    "updated_at": 1_700_000_000,
}


def request_parameters(**differences: str | None) -> Parameters:
    """Return a valid authorization request's parameters; None leaves one out."""
    members: dict[str, str | None] = {
        "client_id": "fishing-licence",
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": "openid attributes",
        "state": "the-state",
        "nonce": "the-nonce",
        "code_challenge": CODE_CHALLENGE,
        "code_challenge_method": "S256",
    }
    chosen = {name: value for name, value in (members | differences).items() if value is not None}
    return parse_parameters(urlencode(chosen).encode(), None, None)
