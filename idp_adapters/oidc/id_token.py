"""An ID token is believed only after every check of OpenID Connect Core §3.1.3.7, each spelled out here.

Invariant: `SignedClaims` are made by `verify_id_token` alone, from the very bytes whose signature was
verified with a key of the provider's published set under an algorithm that we chose. Nothing else in a token
chooses a key: `jwk`, `jku`, `x5u` and `x5c` are not looked at (attacks A-UO-03 to A-UO-07).
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from joserfc.errors import JoseError
from joserfc.jws import CompactSignature, extract_compact, validate_compact

from idp_adapters.errors import UntrustedAnswerError
from idp_adapters.json_object import JsonObject, ReceivedJson, read_json_object
from idp_adapters.oidc.algorithms import ALGORITHMS, PinnedRegistry
from idp_adapters.oidc.keys import PublicKey

# Clocks differ by seconds; what differs by minutes is not a clock.
LEEWAY = 60
# A token is made when its code is redeemed or, by some providers, when the citizen signed in just before.
OLDEST = 600
_LONGEST_SUBJECT = 255
_LONGEST_KEY_ID = 255

_REGISTRY = PinnedRegistry()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedIdToken:
    """What the token must say: exact issuer, us as audience, this journey's nonce, at this time."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str = field(repr=False)
    algorithms: frozenset[str]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedClaims:
    """The claims of a verified ID token; `digest` is the SHA-256 of the token exactly as received."""

    subject: str
    authenticated_at: datetime | None
    claims: JsonObject = field(repr=False)
    digest: bytes


FindKey = Callable[[str | None, str], PublicKey]
"""Takes `kid` and algorithm, gives the provider's published key or raises."""


def verify_id_token(unverified_token: str, expected: ExpectedIdToken, find_key: FindKey) -> SignedClaims:
    """Return what the provider signed for us, for this journey, just now.

    Raises `UntrustedAnswerError` whose detail names the check that failed, and what `find_key` raises.
    """
    received = unverified_token.encode()
    signature = _take_apart(received)
    algorithm = _checked_algorithm(signature, expected)
    key = find_key(_key_id(signature), algorithm)
    try:
        verified = validate_compact(signature, key, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError) as error:
        raise UntrustedAnswerError(f"the ID token cannot be verified: {type(error).__name__}") from error
    if not verified:
        raise UntrustedAnswerError("the ID token's signature is wrong")
    claims = read_json_object(signature.payload, what="the ID token's payload")
    for check in CHECKS:
        check(claims, expected)
    _check_half_hash(claims, expected.access_token, algorithm)
    subject = claims["sub"]
    authenticated = claims.get("auth_time")
    return SignedClaims(
        subject=str(subject),
        authenticated_at=None if authenticated is None else _as_datetime("auth_time", authenticated),
        claims=claims,
        digest=hashlib.sha256(received).digest(),
    )


def _take_apart(received: bytes) -> CompactSignature:
    # Five parts would be an encrypted token, which is not offered yet: nothing is decrypted, nothing
    # inflated.
    if received.count(b".") != 2:  # noqa: PLR2004 - RFC 7515 §7.1
        raise UntrustedAnswerError("the ID token is not a signed token of three parts")
    try:
        signature = extract_compact(received, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise UntrustedAnswerError(f"the ID token cannot be read: {type(error).__name__}") from error
    if not isinstance(signature.protected, dict):
        raise UntrustedAnswerError("the ID token's header is no object")
    return signature


def _checked_algorithm(signature: CompactSignature, expected: ExpectedIdToken) -> str:
    header = signature.protected
    # We understand no extension, b64 (RFC 7797) and zip (RFC 7516) change what is signed or how long it is.
    refused = sorted({"crit", "b64", "zip", "enc"} & header.keys())
    if refused:
        raise UntrustedAnswerError(f"the ID token's header has {', '.join(refused)}")
    if "cty" in header:
        raise UntrustedAnswerError("the ID token holds another token")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") != "jwt":
        # An access token or a logout token is no ID token (RFC 8725 §3.11).
        raise UntrustedAnswerError("the ID token is a token of another type")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in expected.algorithms:
        raise UntrustedAnswerError("the ID token is signed with an algorithm that is not accepted here")
    return algorithm


def _key_id(signature: CompactSignature) -> str | None:
    key_id = signature.protected.get("kid")
    if key_id is not None and not (isinstance(key_id, str) and len(key_id) <= _LONGEST_KEY_ID):
        raise UntrustedAnswerError("the ID token's kid is no text of reasonable length")
    return key_id


def _issuer_is_exact(claims: JsonObject, expected: ExpectedIdToken) -> None:
    if claims.get("iss") != expected.issuer:
        raise UntrustedAnswerError("iss is not exactly the registered issuer")


def _audience_is_us_alone(claims: JsonObject, expected: ExpectedIdToken) -> None:
    audience = claims.get("aud")
    if audience not in (expected.client_id, [expected.client_id]):
        raise UntrustedAnswerError("aud is not this client alone")


def _authorized_party_is_us(claims: JsonObject, expected: ExpectedIdToken) -> None:
    if "azp" in claims and claims["azp"] != expected.client_id:
        raise UntrustedAnswerError("azp is another client")


def _nonce_is_this_journeys(claims: JsonObject, expected: ExpectedIdToken) -> None:
    if not expected.nonce or claims.get("nonce") != expected.nonce:
        raise UntrustedAnswerError("nonce is missing or not this journey's")


def _token_is_in_its_time(claims: JsonObject, expected: ExpectedIdToken) -> None:
    now = expected.now.timestamp()
    issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
    if issued > now + LEEWAY:
        raise UntrustedAnswerError(f"iat lies {issued - now:.0f} s in the future: is a clock wrong?")
    if issued < now - OLDEST - LEEWAY:
        raise UntrustedAnswerError(f"iat lies {now - issued:.0f} s in the past")
    if expires <= now - LEEWAY:
        raise UntrustedAnswerError(f"exp passed {now - expires:.0f} s ago")
    if expires <= issued:
        raise UntrustedAnswerError("exp is not after iat")
    if "nbf" in claims and _seconds(claims, "nbf") > now + LEEWAY:
        raise UntrustedAnswerError("nbf lies in the future")


def _subject_is_well_formed(claims: JsonObject, _expected: ExpectedIdToken) -> None:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= _LONGEST_SUBJECT or not subject.isascii():
        raise UntrustedAnswerError(f"sub is not 1 to {_LONGEST_SUBJECT} ASCII characters")
    if not subject.isprintable():
        raise UntrustedAnswerError("sub holds a control character")


def _sign_in_is_not_in_the_future(claims: JsonObject, expected: ExpectedIdToken) -> None:
    if claims.get("auth_time") is not None and _seconds(claims, "auth_time") > (
        expected.now.timestamp() + LEEWAY
    ):
        raise UntrustedAnswerError("auth_time lies in the future")


CHECKS = (
    _issuer_is_exact,
    _audience_is_us_alone,
    _authorized_party_is_us,
    _nonce_is_this_journeys,
    _token_is_in_its_time,
    _subject_is_well_formed,
    _sign_in_is_not_in_the_future,
)
"""The checks of the claims, in order; those of the header and the signature come before them."""


def _check_half_hash(claims: JsonObject, access_token: str, algorithm: str) -> None:
    """Compare `at_hash` when it is there; Core §3.1.3.8."""
    if "at_hash" not in claims:
        return
    digest = hashlib.new(ALGORITHMS[algorithm].half_hash, access_token.encode()).digest()
    half = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    given = claims["at_hash"]
    if not isinstance(given, str) or not hmac.compare_digest(given.encode("utf-8", "replace"), half):
        raise UntrustedAnswerError("at_hash belongs to another access token")


def _seconds(claims: JsonObject, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UntrustedAnswerError(f"{name} is missing or not a number of seconds")
    # Also refuses infinities, which JSON can spell as 1e999, and what no calendar holds.
    if not 0 <= value <= 253_402_300_799:  # noqa: PLR2004 - the last second of the year 9999
        raise UntrustedAnswerError(f"{name} is no time between 1970 and 9999")
    return float(value)


def _as_datetime(name: str, value: ReceivedJson) -> datetime:
    return datetime.fromtimestamp(_seconds({name: value}, name), UTC)
