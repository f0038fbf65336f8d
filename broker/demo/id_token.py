"""What a service checks before it believes an ID token, with PyJWT; OpenID Connect Core 3.1.3.7.

An `unverified_token` goes in, a `VerifiedIdToken` comes out, and nothing else here makes one. Every option of
the library is spelled out, so that a later version of it cannot loosen a check unnoticed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import jwt

from broker.demo.errors import (
    AccessTokenMismatchError,
    IdTokenAlgorithmError,
    IdTokenAudienceError,
    IdTokenExpiredError,
    IdTokenIssuerError,
    IdTokenKeyError,
    IdTokenMalformedError,
    IdTokenNonceError,
    IdTokenSignatureError,
    LevelTooLowError,
    SignInTooOldError,
)
from broker.demo.levels import is_enough

LEEWAY_SECONDS: Final = 30
_REQUIRED: Final = ["iss", "sub", "aud", "exp", "iat", "nonce", "acr"]
# Both hash with SHA-256, which is what `at_hash` is made with for them; OpenID Connect Core 3.1.3.6.
ALGORITHMS: Final = ("ES256", "RS256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the token must say; `algorithm` is one of `ALGORITHMS`.

    `signed_in_since` is the moment of our request less the `max_age` that it asked for: the person may take
    their time at the hub after signing in, so the age counts from our question and not from the answer.
    """

    issuer: str
    client_id: str
    nonce: str
    algorithm: str
    accepted_levels: tuple[str, ...]
    signed_in_since: datetime | None = None
    access_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedIdToken:
    """An ID token that passed every check."""

    subject: str
    level: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def verify_id_token(
    unverified_token: str, *, jwks: Mapping[str, Any], expected: Expected, now: datetime
) -> VerifiedIdToken:
    """Give the token's claims only when the hub made it, for us, just now, for this sign-in and at our level.

    `jwks` is the hub's key set as published (RFC 7517); `now` is aware, in UTC. Raises a subclass of
    IdTokenError.
    """
    header = _header_of(unverified_token, expected)
    claims = _signed_claims(unverified_token, _key_for(header, jwks, expected), expected)
    # PyJWT accepts a list in which we are one of many; we trust no other audience; point 3 of the section.
    if claims["aud"] not in (expected.client_id, [expected.client_id]):
        raise IdTokenAudienceError("the token is for others beside us")
    if "azp" in claims and claims["azp"] != expected.client_id:
        raise IdTokenAudienceError("the authorized party is not us")
    _check_times(claims, expected, now)
    nonce = claims["nonce"]
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise IdTokenNonceError("the nonce is not the one we sent")
    _check_access_token(claims, expected)
    if not is_enough(claims["acr"], expected.accepted_levels):
        raise LevelTooLowError(f"wanted one of {expected.accepted_levels}, got {claims['acr']!r}")
    return VerifiedIdToken(subject=claims["sub"], level=claims["acr"], header=header, claims=claims)


def _header_of(unverified_token: str, expected: Expected) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(unverified_token)
    except jwt.InvalidTokenError as error:
        raise IdTokenMalformedError("the ID token is no JWT") from error
    if header.get("alg") != expected.algorithm:
        raise IdTokenAlgorithmError(f"wanted {expected.algorithm}, got {header.get('alg')!r}")
    return header


def _key_for(header: Mapping[str, Any], jwks: Mapping[str, Any], expected: Expected) -> jwt.PyJWK:
    published = jwks.get("keys")
    for key in published if isinstance(published, list) else []:
        if not isinstance(key, dict) or key.get("kid") != header.get("kid") or key.get("use", "sig") != "sig":
            continue
        try:
            return jwt.PyJWK(key, algorithm=expected.algorithm)
        except jwt.PyJWTError as error:
            raise IdTokenKeyError(f"the key {key['kid']!r} is none for {expected.algorithm}") from error
    raise IdTokenKeyError(f"the hub publishes no signing key {header.get('kid')!r}")


def _signed_claims(unverified_token: str, key: jwt.PyJWK, expected: Expected) -> dict[str, Any]:
    try:
        return jwt.decode(
            unverified_token,
            key=key,
            algorithms=[expected.algorithm],
            audience=expected.client_id,
            issuer=expected.issuer,
            leeway=LEEWAY_SECONDS,
            options={
                "require": _REQUIRED,
                "verify_signature": True,
                "verify_iss": True,
                "verify_aud": True,
                "verify_sub": True,
                # The times are ours to check, against the clock that is handed in.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.InvalidSignatureError as error:
        raise IdTokenSignatureError("the signature is not the hub's") from error
    except jwt.InvalidIssuerError as error:
        raise IdTokenIssuerError(f"wanted the issuer {expected.issuer}") from error
    except jwt.InvalidAudienceError as error:
        raise IdTokenAudienceError("the token is for another service") from error
    except jwt.InvalidTokenError as error:
        raise IdTokenMalformedError(f"the token cannot be read: {type(error).__name__}") from error


def _check_times(claims: Mapping[str, Any], expected: Expected, now: datetime) -> None:
    seconds = now.timestamp()
    for name in ("exp", "iat", "nbf", "auth_time"):
        if name in claims and (isinstance(claims[name], bool) or not isinstance(claims[name], int | float)):
            raise IdTokenMalformedError(f"{name} is no time")
    if seconds >= claims["exp"] + LEEWAY_SECONDS:
        raise IdTokenExpiredError(f"the token expired {seconds - claims['exp']:.0f} s ago")
    if max(claims["iat"], claims.get("nbf", 0)) > seconds + LEEWAY_SECONDS:
        raise IdTokenExpiredError("the token is from the future")
    if expected.signed_in_since is None:
        return
    if "auth_time" not in claims:
        raise SignInTooOldError("max_age was asked for and auth_time is missing")
    too_early = expected.signed_in_since.timestamp() - claims["auth_time"]
    if too_early > LEEWAY_SECONDS:
        raise SignInTooOldError(f"the person signed in {too_early:.0f} s earlier than max_age allows")


def _check_access_token(claims: Mapping[str, Any], expected: Expected) -> None:
    if expected.access_token is None or "at_hash" not in claims:
        return
    digest = hashlib.sha256(expected.access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    at_hash = claims["at_hash"]
    if not isinstance(at_hash, str) or not hmac.compare_digest(at_hash.encode(), half):
        raise AccessTokenMismatchError("at_hash belongs to another access token")
