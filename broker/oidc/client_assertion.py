"""Client assertions: a service proves who it is with its own key (RFC 7523, `private_key_jwt`).

Invariant: an assertion is believed only when a registered key of the very service that it names signed it,
with an algorithm pinned here, for this hub's issuer alone as audience, for a short time, and once: the caller
claims `SingleUse` in the transaction of what the assertion allows. Nothing in the header brings a key along
(A-CA-02).

Authlib's `JWTBearerClientAssertion` is not used: it decodes without pinned algorithms, accepts audiences as
arrays and 60 seconds of leeway, and leaves replay to the application.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from broker.oidc.client_keys import ClientKeys
from broker.oidc.errors import InvalidClientError
from config.federation import Federation, PrivateKeyJwt, RelyingService, SecurityProfile

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CLOCK_SKEW: Final = timedelta(seconds=10)
"""By how much a service's clock may differ from ours; marks are kept for as much longer."""
LONGEST_LIFE: Final = timedelta(hours=1)
"""How far ahead `exp` may lie: single use bounds the harm, and widespread clients write an hour."""
LONGEST_JTI: Final = 256
LONGEST_KID: Final = 256
ALGORITHMS: Final = ("ES256", "PS256", "RS256", "EdDSA", "Ed25519")
"""Those of profile `oidc`; the FAPI profiles do without RS256 (FAPI 2.0 Security Profile §5.4.1)."""
_LAST_SECOND: Final = 253_402_300_799
"""The end of the year 9999."""
_TYPES: Final = frozenset({"jwt", "client-authentication+jwt"})


class SingleUse(NamedTuple):
    """What must be claimed so that a value is used once: its SHA-256 with its kind, and until when."""

    mark: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedAssertion:
    """An assertion whose signature and claims are right; only `verify_client_assertion` makes one."""

    service: RelyingService
    jti_mark: SingleUse


class _AssertionRegistry(JWSRegistry):
    """Takes headers of any usual size, so that what they carry is ignored rather than feared."""

    max_header_length = 8192
    algorithms = JWSRegistry.algorithms | {"EdDSA": copy.copy(JWSRegistry.algorithms["EdDSA"])}


# The name is deprecated (RFC 9864), the algorithm is not: keys are Ed25519 here, which leaves nothing open.
_AssertionRegistry.algorithms["EdDSA"].security_warning = None

_REGISTRIES: Final[Mapping[str, JWSRegistry]] = {
    name: _AssertionRegistry(algorithms=[name], strict_check_header=False) for name in ALGORITHMS
}


def verify_client_assertion(
    unverified_assertion: str, *, federation: Federation, keys: ClientKeys, issuer: str, now: datetime
) -> VerifiedAssertion:
    """Return the service that made an assertion (RFC 7523 §3); raises InvalidClientError for every doubt.

    The audience is this hub's issuer as a single string; arrays and endpoint addresses are refused (A-CA-01).
    """
    header, claims = _unverified_parts(unverified_assertion)
    service = _named_service(claims, federation)
    algorithm, kid = _algorithm(header, service), header.get("kid")
    if not (kid is None or (isinstance(kid, str) and len(kid) <= LONGEST_KID)):
        raise InvalidClientError(f"expected a short kid in the assertion of {service.id}")
    key = keys.find(service, kid, algorithm, now)
    if key is None:
        raise InvalidClientError(f"{service.id} has no key for {algorithm} with kid {kid}")
    try:
        jws.deserialize_compact(unverified_assertion, key, registry=_REGISTRIES[algorithm])
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidClientError(f"the signature of {service.id} is not right: {error}") from error
    _check_audience(claims, issuer)
    expires_at = _check_times(claims, now)
    return VerifiedAssertion(service=service, jti_mark=_jti_mark(claims, service, expires_at))


def _unverified_parts(assertion: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    try:
        parts = jws.extract_compact(assertion.encode("ascii"), registry=_REGISTRIES["ES256"])
        claims = json.loads(parts.payload or b"")
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise InvalidClientError("expected a compact JWS with JSON inside") from error
    if not isinstance(claims, dict):
        raise InvalidClientError("expected claims in an object")
    return parts.headers(), claims


def _named_service(claims: Mapping[str, Any], federation: Federation) -> RelyingService:
    subject = claims.get("sub")
    if not isinstance(subject, str) or claims.get("iss") != subject:
        raise InvalidClientError("expected iss and sub to be the same client_id")
    service = federation.services.get(subject)
    if service is None:
        raise InvalidClientError(f"expected a registered service, got {subject}")
    if not isinstance(service.client_authentication, PrivateKeyJwt):
        raise InvalidClientError(f"{service.id} is not registered for private_key_jwt")
    return service


def _algorithm(header: Mapping[str, Any], service: RelyingService) -> str:
    algorithm, typ = header.get("alg"), header.get("typ", "JWT")
    if "crit" in header:
        raise InvalidClientError(f"{service.id} demands something in crit that is not understood here")
    if (
        not isinstance(algorithm, str)
        or algorithm not in ALGORITHMS
        or (algorithm == "RS256" and service.profile is not SecurityProfile.OIDC)
    ):
        raise InvalidClientError(f"expected an algorithm open to {service.id}, got {algorithm}")
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") not in _TYPES:
        raise InvalidClientError(f"expected a client assertion, got typ {typ}")
    return algorithm


def _check_audience(claims: Mapping[str, Any], issuer: str) -> None:
    if claims.get("aud") != issuer:
        raise InvalidClientError(f"expected aud to be {issuer} as a single string, got {claims.get('aud')}")


def _check_times(claims: Mapping[str, Any], now: datetime) -> datetime:
    """Return when the assertion expires; `exp` is required, `nbf` and `iat` count when they are there."""
    moment, skew = now.timestamp(), CLOCK_SKEW.total_seconds()
    expires_at = _seconds(claims, "exp")
    if expires_at is None or expires_at <= moment - skew:
        raise InvalidClientError(f"expected exp in the future, got {expires_at} at {moment:.0f}")
    if expires_at > moment + skew + LONGEST_LIFE.total_seconds():
        raise InvalidClientError(f"expected exp within {LONGEST_LIFE}, got {expires_at} at {moment:.0f}")
    for name in ("nbf", "iat"):
        begins_at = _seconds(claims, name)
        if begins_at is not None and begins_at > moment + skew:
            raise InvalidClientError(f"expected {name} not in the future, got {begins_at} at {moment:.0f}")
    return datetime.fromtimestamp(expires_at, UTC)


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    # The bounds refuse NaN and infinity too, and integers that are too long to calculate with.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST_SECOND:
        raise InvalidClientError(f"expected {name} in seconds")
    return value


def _jti_mark(claims: Mapping[str, Any], service: RelyingService, expires_at: datetime) -> SingleUse:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti or len(jti) > LONGEST_JTI:
        raise InvalidClientError(f"expected jti of 1 to {LONGEST_JTI} characters")
    content = json.dumps(["client-assertion", service.id, jti]).encode()
    return SingleUse(mark=hashlib.sha256(content).digest(), expires_at=expires_at + CLOCK_SKEW)
