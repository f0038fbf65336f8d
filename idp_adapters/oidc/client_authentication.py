"""The hub proves to a token endpoint who it is; OpenID Connect Core §9, RFC 7523, RFC 6749 §2.3.1."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from urllib.parse import quote_plus

from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from idp_adapters.oidc.discovery import CLIENT_ASSERTION_ALGORITHM

ASSERTION_LIFETIME = 60
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_REGISTRY = JWSRegistry(algorithms=[CLIENT_ASSERTION_ALGORITHM])


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What to add to a request: form parameters and headers."""

    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class ClientAuthentication(Protocol):
    """One way of proving who the hub is."""

    def prove(self, now: datetime) -> Proof:
        """Return a proof for one request."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateKeyJwt:
    """A short-lived assertion, signed ES256, for this issuer alone.

    Its audience is the issuer as one string: an endpoint's address or a list would let a provider that lies
    about its endpoints have an assertion made for another (audience injection; draft-ietf-oauth-rfc7523bis).
    """

    client_id: str
    issuer: str
    key: ECKey = field(repr=False)

    def prove(self, now: datetime) -> Proof:
        """Sign a new assertion, valid for a minute, with its own `jti`."""
        issued = int(now.timestamp())
        assertion = jwt.encode(
            {"alg": CLIENT_ASSERTION_ALGORITHM, "kid": self.key.kid},
            {
                "iss": self.client_id,
                "sub": self.client_id,
                "aud": self.issuer,
                "jti": secrets.token_urlsafe(16),
                "iat": issued,
                "exp": issued + ASSERTION_LIFETIME,
            },
            self.key,
            registry=_REGISTRY,
        )
        form = {
            "client_id": self.client_id,
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        return Proof(form=form)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecretBasic:
    """A shared secret in the Authorization header, form-encoded first as RFC 6749 §2.3.1 asks."""

    client_id: str
    secret: str = field(repr=False)

    def prove(self, now: datetime) -> Proof:  # noqa: ARG002 - the same at any time
        """Return the header."""
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}"
        return Proof(headers={"Authorization": "Basic " + b64encode(pair.encode()).decode()})
