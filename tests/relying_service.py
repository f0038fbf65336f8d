"""A relying service as its own team would write it: plain HTTP, PyJWT, and no line of the hub's.

It makes authorization requests with PKCE, proves itself at the token endpoint by its registered method, and verifies
what it gets: signature, algorithm, issuer, audience, nonce, `at_hash`, expiry.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, quote, urlencode

import jwt
import urllib3
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from tests.builders import Entry, a_service_entry
from tests.web_browser import Page

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Method = Literal["private_key_jwt", "client_secret_basic", "client_secret_post"]
Claims = dict[str, Any]
_POOLS: Final = urllib3.PoolManager(num_pools=64, maxsize=32, retries=False, timeout=urllib3.Timeout(60))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One authorization request: what was sent, and what only the service knows."""

    parameters: dict[str, str]
    verifier: str

    def url(self, issuer: str) -> str:
        return f"{issuer}/authorize?{urlencode(self.parameters)}"

    @property
    def state(self) -> str:
        return self.parameters["state"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer to the service's own call."""

    status: int
    headers: urllib3.HTTPHeaderDict
    text: str

    @property
    def body(self) -> Claims:
        """The JSON object; empty when it is something else."""
        is_json = self.headers.get("Content-Type", "").startswith("application/json")
        value = json.loads(self.text) if is_json and self.text else {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a service has in the end: verified ID token claims, userinfo, and the tokens themselves."""

    id_token: str
    access_token: str
    claims: Claims
    userinfo: Claims

    @property
    def subject(self) -> str:
        subject: str = self.claims["sub"]
        return subject


@dataclass(slots=True, kw_only=True)
class RelyingService:
    """One service with its own key or secret; `entry` is its registration."""

    id: str
    method: Method = "private_key_jwt"
    differences: Entry = field(default_factory=dict)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    clock_ahead: int = 0
    """Seconds by which its clock runs ahead of this machine's, for hubs that are set to another time."""

    @property
    def redirect_uri(self) -> str:
        uris: list[str] = self.entry()["redirect_uris"]
        return uris[0]

    def entry(self, **differences: object) -> Entry:
        """Give its registration as a registry file says it."""
        registered: Entry = {"method": self.method}
        if self.method == "private_key_jwt":
            registered["jwks"] = {"keys": [self._public_jwk()]}
        else:
            registered["secret_sha256"] = hashlib.sha256(self.secret.encode()).hexdigest()
        return a_service_entry(
            self.id, client_authentication=registered, **{**self.differences, **differences}
        )

    def ask(self, **parameters: str | None) -> Asked:
        """Make an authorization request; None leaves a parameter out."""
        verifier = secrets.token_urlsafe(48)
        members = {
            "client_id": self.id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "openid attributes",
            "state": secrets.token_urlsafe(12),
            "nonce": secrets.token_urlsafe(12),
            "code_challenge": _encoded(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        chosen = {name: value for name, value in (members | parameters).items() if value is not None}
        return Asked(parameters=chosen, verifier=verifier)

    def finish(self, issuer: str, asked: Asked, landed: Page) -> SignedIn:
        """Take the answer at the redirect URI all the way to userinfo, checking everything."""
        return self.collect(issuer, asked, self.code(issuer, asked, landed))

    def code(self, issuer: str, asked: Asked, landed: Page) -> str:
        """Read the code from the redirect; fails unless it is exactly a success for this request."""
        own, _, answer = landed.url.rpartition("code=")
        assert own in {f"{self.redirect_uri}?", f"{self.redirect_uri}&"}, (
            landed.url,
            landed.status,
            landed.text,
        )
        assert set(dict(parse_qsl(f"code={answer}", strict_parsing=True))) == {"code", "iss", "state"}
        assert landed.query["iss"] == issuer
        assert landed.query["state"] == asked.state
        return landed.query["code"]

    def collect(self, issuer: str, asked: Asked, code: str) -> SignedIn:
        """Redeem a code and ask for userinfo."""
        answer = self.redeem(issuer, asked, code)
        assert answer.status == 200, answer.body
        assert answer.headers["Cache-Control"] == "no-store"
        tokens = answer.body
        assert tokens["token_type"] == "Bearer"
        claims = self.verified(issuer, asked, tokens)
        userinfo = call("GET", f"{issuer}/userinfo", bearer=tokens["access_token"])
        assert userinfo.status == 200, userinfo.headers
        assert userinfo.body["sub"] == claims["sub"]
        return SignedIn(
            id_token=tokens["id_token"],
            access_token=tokens["access_token"],
            claims=claims,
            userinfo=userinfo.body,
        )

    def redeem(self, issuer: str, asked: Asked, code: str, **parameters: str | None) -> Answer:
        """Send a code to the token endpoint, whatever comes of it; None leaves a parameter out."""
        members: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked.parameters["redirect_uri"],
            "code_verifier": asked.verifier,
        }
        headers: dict[str, str] = {}
        if self.method == "private_key_jwt":
            members |= {
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self.assertion(audience=issuer),
            }
        elif self.method == "client_secret_post":
            members |= {"client_id": self.id, "client_secret": self.secret}
        else:
            headers["Authorization"] = basic(self.id, self.secret)
        chosen = {name: value for name, value in (members | parameters).items() if value is not None}
        return call("POST", f"{issuer}/token", form=chosen, headers=headers)

    def assertion(
        self, *, audience: object, header: Claims | None = None, key: object = None, **claims: object
    ) -> str:
        """Sign a client assertion (RFC 7523) that is right but for the differences."""
        now = int(time.time()) + self.clock_ahead
        members: Claims = {
            "iss": self.id,
            "sub": self.id,
            "aud": audience,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + 60,
        }
        headers = {"kid": self.id} | (header or {})
        return jwt.encode(
            {name: value for name, value in (members | claims).items() if value is not None},
            self.key if key is None else key,  # type: ignore[arg-type]  # a wrong key is some tests' point
            algorithm="ES256",
            headers=headers,
        )

    def verified(self, issuer: str, asked: Asked, tokens: Claims) -> Claims:
        """Verify an ID token with PyJWT, every option spelled out."""
        algorithm = self.differences.get("id_token", {}).get("signed", "ES256")
        keys = jwt.PyJWKSet.from_dict(call("GET", f"{issuer}/jwks").body)
        kid = jwt.get_unverified_header(tokens["id_token"])["kid"]
        claims: Claims = jwt.decode(
            tokens["id_token"],
            keys[kid],
            algorithms=[algorithm],
            issuer=issuer,
            audience=self.id,
            leeway=5,
            options={
                "require": ["iss", "sub", "aud", "exp", "iat", "acr"],
                "strict_aud": True,
                "verify_signature": True,
            },
        )
        assert claims.get("nonce") == asked.parameters.get("nonce")
        digest = hashlib.sha256(tokens["access_token"].encode()).digest()
        assert claims["at_hash"] == _encoded(digest[:16])
        return claims

    def _public_jwk(self) -> Claims:
        public = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {**public, "kid": self.id, "use": "sig", "alg": "ES256"}


def call(
    method: str,
    url: str,
    *,
    form: dict[str, str] | None = None,
    bearer: str | None = None,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """Make a service's own call."""
    sent = dict(headers or {})
    if bearer is not None:
        sent["Authorization"] = f"Bearer {bearer}"
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(form).encode()
    answer = _POOLS.request(method, url, body=body, headers=sent, redirect=False)
    return Answer(status=answer.status, headers=answer.headers, text=answer.data.decode())


def basic(client_id: str, secret: str) -> str:
    """HTTP Basic as RFC 6749 §2.3.1 writes it: both parts form-url-encoded first."""
    text = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return f"Basic {base64.b64encode(text.encode()).decode()}"


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
