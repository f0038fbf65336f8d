"""An ID token is minted correct and then, if asked, made wrong in exactly one way; OpenID Connect Core §2.

Every wrong token is otherwise flawless, so that a client which accepts it has missed that one check.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final

from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter

from idp_adapters.certification.simulator.oidc.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from idp_adapters.certification.simulator.oidc.grant import Grant

LIFETIME: Final = timedelta(minutes=5)
STALE_BY: Final = timedelta(hours=6)
STRANGER: Final = "another-client"
_UNKNOWN_HEADER: Final = "urn:example:not-understood"
# joserfc refuses to sign a critical header that it does not know, so it is introduced to this one.
_REGISTRY: Final = JWSRegistry(
    header_registry={_UNKNOWN_HEADER: HeaderParameter("Nobody knows", "bool")}, algorithms=["ES256"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeys:
    """The published key and a stranger's that goes by the same name."""

    genuine: ECKey
    foreign: ECKey

    @property
    def key_id(self) -> str:
        """The `kid` that both carry."""
        return str(self.genuine.kid)

    def as_jwks(self) -> dict[str, object]:
        """Give the public half of the genuine key; RFC 7517 §5."""
        return {"keys": [self.genuine.as_dict(private=False)]}


def generate_signing_keys() -> SigningKeys:
    """Make new keys: a restarted stub is a provider that rotated its key."""
    genuine = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    foreign = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": str(genuine.kid)})
    return SigningKeys(genuine=genuine, foreign=foreign)


class _Seal(Enum):
    GENUINE = auto()
    FOREIGN = auto()
    PUBLIC_KEY_AS_SECRET = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    header: Mapping[str, object]
    claims: Mapping[str, object]
    keys: SigningKeys
    now: datetime
    seal: _Seal = _Seal.GENUINE

    def saying(self, **claims: object) -> _Draft:
        return replace(self, claims={**self.claims, **claims})

    def headed(self, **header: object) -> _Draft:
        return replace(self, header={**self.header, **header})

    def at(self, offset: timedelta) -> int:
        return int((self.now + offset).timestamp())


def mint_id_token(grant: Grant, *, issuer: str, access_token: str, keys: SigningKeys, now: datetime) -> str:
    """Give the ID token for this grant, wrong in the one way that its outcome names."""
    draft = _Draft(
        header={"alg": "ES256", "kid": keys.key_id},
        claims=_claims(grant, issuer=issuer, access_token=access_token, now=now),
        keys=keys,
        now=now,
    )
    distort = _DISTORTIONS.get(grant.outcome)
    return _sign(draft if distort is None else distort(draft))


def _claims(grant: Grant, *, issuer: str, access_token: str, now: datetime) -> dict[str, object]:
    request, person = grant.request, grant.sign_in.person
    extra = {name: value for name, value in person.claims.items() if name in request.claims.id_token}
    return {
        **extra,
        "iss": issuer,
        "sub": person.subject,
        "aud": request.to.client_id,
        "exp": int((now + LIFETIME).timestamp()),
        "iat": int(now.timestamp()),
        "auth_time": int(grant.sign_in.authenticated_at.timestamp()),
        "acr": grant.acr,
        "amr": list(request.level.authentication_methods),
        "at_hash": _half_hash(access_token),
        **({"nonce": request.nonce} if request.nonce else {}),
    }


def _half_hash(access_token: str) -> str:
    """Give the left half of SHA-256, as ES256 asks; Core §3.1.3.6."""
    return _segment(hashlib.sha256(access_token.encode()).digest()[:16])


def _expired(draft: _Draft) -> _Draft:
    return draft.saying(iat=draft.at(timedelta(minutes=-15)), exp=draft.at(timedelta(minutes=-10)))


def _issued_in_the_future(draft: _Draft) -> _Draft:
    return draft.saying(iat=draft.at(timedelta(hours=1)), exp=draft.at(timedelta(hours=1) + LIFETIME))


def _signed_by_its_own_key(draft: _Draft) -> _Draft:
    header = {"alg": "ES256", "jwk": draft.keys.foreign.as_dict(private=False)}
    return replace(draft, header=header, seal=_Seal.FOREIGN)


def _without_nonce(draft: _Draft) -> _Draft:
    return replace(draft, claims={name: value for name, value in draft.claims.items() if name != "nonce"})


_DISTORTIONS: Final[Mapping[Outcome, Callable[[_Draft], _Draft]]] = {
    Outcome.STALE: lambda draft: draft.saying(auth_time=draft.at(-STALE_BY)),
    Outcome.EXPIRED: _expired,
    Outcome.WRONG_AUDIENCE: lambda draft: draft.saying(aud=STRANGER),
    # Only the slash differs: what is not compared character by character lets it pass.
    Outcome.WRONG_ISSUER: lambda draft: draft.saying(iss=f"{draft.claims['iss']}/"),
    Outcome.FOREIGN_KEY: lambda draft: replace(draft, seal=_Seal.FOREIGN),
    Outcome.WRONG_NONCE: lambda draft: draft.saying(nonce=secrets.token_urlsafe(16)),
    Outcome.ALG_NONE: lambda draft: replace(draft.headed(alg="none"), seal=_Seal.NONE),
    Outcome.MISSING_NONCE: _without_nonce,
    Outcome.STRANGER_AUDIENCE: lambda draft: draft.saying(aud=[draft.claims["aud"], STRANGER]),
    Outcome.WRONG_AUTHORIZED_PARTY: lambda draft: draft.saying(azp=STRANGER),
    Outcome.FUTURE_ISSUED: _issued_in_the_future,
    Outcome.PUBLIC_KEY_AS_SECRET: lambda draft: replace(
        draft.headed(alg="HS256"), seal=_Seal.PUBLIC_KEY_AS_SECRET
    ),
    Outcome.EMBEDDED_KEY: _signed_by_its_own_key,
    Outcome.UNKNOWN_CRITICAL: lambda draft: draft.headed(crit=[_UNKNOWN_HEADER], **{_UNKNOWN_HEADER: True}),
}


def _sign(draft: _Draft) -> str:
    if draft.seal in {_Seal.GENUINE, _Seal.FOREIGN}:
        key = draft.keys.genuine if draft.seal is _Seal.GENUINE else draft.keys.foreign
        claims: dict[str, Any] = dict(draft.claims)
        return jwt.encode(dict(draft.header), claims, key, algorithms=["ES256"], registry=_REGISTRY)
    # No library should be able to make the two that follow, so they are put together by hand.
    content = f"{_segment(_json({**draft.header, 'typ': 'JWT'}))}.{_segment(_json(draft.claims))}"
    if draft.seal is _Seal.NONE:
        return f"{content}."
    public_key = draft.keys.genuine.as_pem(private=False)
    return f"{content}.{_segment(hmac.digest(public_key, content.encode(), 'sha256'))}"


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _segment(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
