"""The service's part of a sign-in, made before the run: what it asks for and how it will prove itself.

An attempt is used once. Its client assertion (RFC 7523) is signed in advance and good for some minutes, which
the hub accepts, so that signing it costs the run nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey

from bench.steps import Scenario

CLIENT_ID: Final = "bench"
PROVIDER_ID: Final = "northgate"
REDIRECT_URI: Final = "http://127.0.0.1:9/callback"  # never asked: whoever drives reads the Location
_LEVEL: Final = "urn:countersign:level:medium.medium"
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS: Final = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One sign-in to be tried: who comes, the query that begins it, the form that redeems its code."""

    persona: str
    state: str
    nonce: str
    query: str
    token_form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchService:
    """The relying service of the benchmark, with its key."""

    issuer: str
    key: ECKey

    @classmethod
    def new(cls, issuer: str) -> BenchService:
        """Make a service for the hub with this issuer."""
        return cls(issuer=issuer, key=ECKey.generate_key("P-256", {"kid": "bench-1"}, private=True))

    def public_key(self) -> dict[str, object]:
        """Give the key that the registry names."""
        return {**self.key.as_dict(private=False), "use": "sig", "alg": "ES256"}

    def attempt(self, person: int, scenario: Scenario) -> Attempt:
        """Prepare one person's sign-in."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        query = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "scope": "openid attributes",
            "acr_values": _LEVEL,
            "state": state,
            "nonce": nonce,
            "code_challenge": _s256(verifier),
            "code_challenge_method": "S256",
        }
        if scenario.hinted:
            query["provider_hint"] = PROVIDER_ID
        form = {
            "grant_type": "authorization_code",
            "redirect_uri": REDIRECT_URI,
            "code_verifier": verifier,
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self._assertion(),
        }
        return Attempt(
            persona=f"complete-{person}",
            state=state,
            nonce=nonce,
            query=urlencode(query),
            token_form=urlencode(form),
        )

    def _assertion(self) -> str:
        now = int(time.time())
        claims = {
            "iss": CLIENT_ID,
            "sub": CLIENT_ID,
            "aud": self.issuer,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + _ASSERTION_SECONDS,
        }
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)


def _s256(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
