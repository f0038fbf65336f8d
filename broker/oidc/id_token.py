"""ID tokens: who signed in, when, how surely, for one service only (OIDC Core §2).

Invariant: a token names one audience as a single string, lives five minutes, and its protocol claims cannot
be overwritten by what a provider said. A hint is believed only when this hub signed it, for this client; its
age does not matter, because it says who is meant, not that they are here (OIDC Core §3.1.2.1).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from joserfc import jws
from joserfc.errors import JoseError

from broker.oidc.signing_keys import REGISTRIES, SigningKeys
from config.federation import SigningAlgorithm
from idp_adapters.identity import JsonValue

ID_TOKEN_LIFE: Final = timedelta(minutes=5)
ID_TOKEN_TYPE: Final = "JWT"  # noqa: S105, a header's value


@dataclass(frozen=True, slots=True, kw_only=True)
class IdTokenContent:
    """What one ID token says.

    `authenticated_at` is when the citizen signed in at the provider, None when that is unknown; `session` is
    the service's own session id (`sid`); `access_token` is the one issued beside it, for `at_hash`; `claims`
    are those asked for the ID token and agreed to, nothing that was asked for userinfo only.
    """

    issuer: str
    subject: str
    audience: str
    acr: str
    authenticated_at: datetime | None
    nonce: str | None
    session: str | None
    access_token: str | None = field(repr=False)
    claims: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdTokenHint:
    """Whom a relying service means, by a token that this hub once gave it."""

    subject: str
    session: str | None


def mint_id_token(
    keys: SigningKeys, content: IdTokenContent, *, algorithm: SigningAlgorithm, now: datetime
) -> str:
    """Sign an ID token that lives five minutes; raises SigningKeyError without a key to do so."""
    issued_at = int(now.timestamp())
    claims: dict[str, JsonValue] = {
        **content.claims,
        "iss": content.issuer,
        "sub": content.subject,
        "aud": content.audience,
        "exp": issued_at + int(ID_TOKEN_LIFE.total_seconds()),
        "iat": issued_at,
        "acr": content.acr,
    }
    optional: Mapping[str, JsonValue | None] = {
        "auth_time": None if content.authenticated_at is None else int(content.authenticated_at.timestamp()),
        "nonce": content.nonce,
        "sid": content.session,
        "at_hash": None if content.access_token is None else at_hash(content.access_token, algorithm),
    }
    for name, value in optional.items():
        # A provider's claim of that name would otherwise stand where ours is left out.
        claims.pop(name, None)
        if value is not None:
            claims[name] = value
    payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
    return keys.sign(payload, algorithm, ID_TOKEN_TYPE)


def at_hash(access_token: str, algorithm: SigningAlgorithm) -> str:
    """Bind an access token to its ID token: the left half of its hash in base64url (OIDC Core §3.1.3.6)."""
    # Ed25519 hashes with SHA-512 inside, and OpenID Connect takes the hash of the signature's algorithm.
    hashed = hashlib.sha512 if algorithm is SigningAlgorithm.ED25519 else hashlib.sha256
    digest = hashed(access_token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode("ascii")


def read_id_token_hint(
    unverified_token: str, *, keys: SigningKeys, issuer: str, audience: str
) -> IdTokenHint | None:
    """Return whom a hint means; None when it is not an ID token that this hub signed for this client.

    An expired token is a good hint. Signature, algorithm of the key, type, issuer and audience must be right;
    nothing in the header chooses a key other than by its kid.
    """
    try:
        unverified = jws.extract_compact(unverified_token.encode("ascii"))
        header = unverified.headers()
        key = keys.find(header["kid"]) if isinstance(header.get("kid"), str) else None
        if key is None or header.get("alg") != key.algorithm or header.get("typ") != ID_TOKEN_TYPE:
            return None
        verified = jws.deserialize_compact(unverified_token, key.key, registry=REGISTRIES[key.algorithm])
        claims = json.loads(verified.payload or b"")
    except (JoseError, ValueError, TypeError, RecursionError):
        return None
    if not isinstance(claims, dict) or claims.get("iss") != issuer or claims.get("aud") != audience:
        return None
    subject, session = claims.get("sub"), claims.get("sid")
    if not isinstance(subject, str):
        return None
    return IdTokenHint(subject=subject, session=session if isinstance(session, str) else None)
