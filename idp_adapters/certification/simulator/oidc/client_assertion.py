"""A client assertion counts once, for this issuer only, under a pinned algorithm; RFC 7523 §3, Core §9."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError

from idp_adapters.certification.simulator.oidc.errors import InvalidClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from joserfc.jwk import Key

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS: Final = ("ES256", "PS256", "RS256", "EdDSA", "Ed25519")
LEEWAY: Final = timedelta(seconds=10)
_LONGEST_VALIDITY: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedAssertion:
    """What an assertion says of itself: enough to look for the key, and good for nothing else."""

    token: str
    subject: str
    key_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedAssertion:
    """Which single use this is, and until when it must be remembered."""

    client_id: str
    identifier: str
    remember_until: datetime


def read_unverified(token: str) -> UnverifiedAssertion:
    """Look into an assertion without believing it. Raises `InvalidClientError`."""
    try:
        parts = jws.extract_compact(token.encode())
        claims = json.loads(parts.payload)
    except (JoseError, ValueError, RecursionError) as error:
        raise InvalidClientError("The client assertion is not a JWT.") from error
    subject = claims.get("sub") if isinstance(claims, dict) else None
    if not isinstance(subject, str) or not subject:
        raise InvalidClientError("The client assertion has no sub.")
    key_id = parts.headers().get("kid")
    return UnverifiedAssertion(
        token=token, subject=subject, key_id=key_id if isinstance(key_id, str) else None
    )


def verify_assertion(
    unverified: UnverifiedAssertion, *, key: Key, issuer: str, now: datetime
) -> VerifiedAssertion:
    """Check signature and claims, all but the single use. Raises `InvalidClientError`."""
    try:
        claims = jwt.decode(unverified.token, key, algorithms=ASSERTION_ALGORITHMS).claims
    except (JoseError, ValueError) as error:
        raise InvalidClientError(
            "The client assertion's signature is wrong.", detail=type(error).__name__
        ) from error
    _is_about_itself(claims, unverified.subject)
    _is_meant_for(claims, issuer)
    _is_not_from_the_future(claims, now)
    return VerifiedAssertion(
        client_id=unverified.subject,
        identifier=_identifier(claims),
        # Kept past the leeway within which the assertion would still be accepted.
        remember_until=_expiry(claims, now) + LEEWAY,
    )


def _is_about_itself(claims: Mapping[str, object], client_id: str) -> None:
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise InvalidClientError("iss and sub of the client assertion must both be the client_id.")


def _is_meant_for(claims: Mapping[str, object], issuer: str) -> None:
    if claims.get("aud") != issuer:
        raise InvalidClientError(
            "aud of the client assertion must be this issuer, as one string.",
            detail=f"expected {issuer}, got {claims.get('aud')!r:.200}",
        )


def _is_not_from_the_future(claims: Mapping[str, object], now: datetime) -> None:
    for name in ("iat", "nbf"):
        if name in claims and ((moment := _moment(claims[name])) is None or moment > now + LEEWAY):
            raise InvalidClientError(f"{name} of the client assertion lies in the future.")


def _expiry(claims: Mapping[str, object], now: datetime) -> datetime:
    expires = _moment(claims.get("exp"))
    if expires is None or not now - LEEWAY < expires <= now + _LONGEST_VALIDITY:
        raise InvalidClientError(
            "The client assertion has expired, is valid for over 10 minutes, or has no exp."
        )
    return expires


def _identifier(claims: Mapping[str, object]) -> str:
    identifier = claims.get("jti")
    if not isinstance(identifier, str) or not identifier:
        raise InvalidClientError("The client assertion has no jti.")
    return identifier


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
