"""The other side of the stub: a client with its own key, which verifies by PyJWT as another team would."""

from __future__ import annotations

import hashlib
import json
import secrets
import ssl
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    Parameters = Mapping[str, str]
    Claims = Mapping[str, object]

CLIENT_ID = "countersign"
KEY_ID = "client-key-1"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TIMEOUT = 20


def new_browser() -> requests.Session:
    """Give an empty cookie jar that takes neither proxy nor trust from the environment."""
    session = requests.Session()
    session.trust_env = False
    return session


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One authorization request and what only the client that made it knows."""

    parameters: dict[str, str]
    verifier: str

    @property
    def nonce(self) -> str:
        return self.parameters["nonce"]


@dataclass(kw_only=True)
class RelyingParty:
    """A client of the provider `issuer`, whose keys are published at the origin of its redirect URI."""

    issuer: str
    redirect_uri: str
    key: ec.EllipticCurvePrivateKey
    http: requests.Session = field(default_factory=new_browser)

    def attempt(self, **changes: str) -> Attempt:
        """Make a correct authorization request, with differences; an empty value leaves a parameter out."""
        verifier = secrets.token_urlsafe(32)
        parameters = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile email phone address",
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": s256(verifier),
            "code_challenge_method": "S256",
            **changes,
        }
        return Attempt(parameters={k: v for k, v in parameters.items() if v}, verifier=verifier)

    def authorize(self, attempt: Attempt, persona: str = "", outcome: str = "") -> requests.Response:
        """Send the request; naming persona or outcome uses the side door past the page."""
        headers = {"X-Stub-Persona": persona, "X-Stub-Outcome": outcome}
        return self.http.get(
            f"{self.issuer}/authorize",
            params=attempt.parameters,
            headers={name: value for name, value in headers.items() if value},
            allow_redirects=False,
            timeout=TIMEOUT,
        )

    def returned(self, response: requests.Response) -> dict[str, str]:
        """Read what the provider sent back by redirect."""
        assert response.status_code == 303, response.text
        location = response.headers["Location"]
        assert location.startswith(self.redirect_uri)
        return {name: value for name, (value,) in parse_qs(urlsplit(location).query).items()}

    def code(self, attempt: Attempt, persona: str = "complete", outcome: str = "success") -> str:
        return self.returned(self.authorize(attempt, persona, outcome))["code"]

    def assertion(
        self, changes: Claims | None = None, *, key: ec.EllipticCurvePrivateKey | None = None
    ) -> str:
        """Make a correct client assertion, with differences; None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": CLIENT_ID,
            "sub": CLIENT_ID,
            "aud": self.issuer,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
            **(changes or {}),
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, key or self.key, algorithm="ES256", headers={"kid": KEY_ID})

    def token_request(self, attempt: Attempt, code: str, changes: Parameters | None = None) -> dict[str, str]:
        """Make a correct token request, with differences; an empty value leaves a parameter out."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": attempt.verifier,
            "client_id": CLIENT_ID,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
            **(changes or {}),
        }
        return {name: value for name, value in form.items() if value}

    def token(
        self,
        attempt: Attempt,
        code: str,
        changes: Parameters | None = None,
        *,
        auth: tuple[str, str] | None = None,
    ) -> requests.Response:
        """Redeem the code, by private_key_jwt unless `auth` gives a client_id and a secret."""
        form = self.token_request(attempt, code, changes)
        if auth is not None:
            form = without_assertion(form)
        return self.http.post(f"{self.issuer}/token", data=form, auth=auth, timeout=TIMEOUT)

    def sign_in(self, persona: str = "complete", outcome: str = "success", **changes: str) -> SignedIn:
        """Go all the way to the token endpoint, past the page."""
        attempt = self.attempt(**changes)
        return self.redeem(attempt, self.code(attempt, persona, outcome))

    def redeem(self, attempt: Attempt, code: str) -> SignedIn:
        return SignedIn(party=self, attempt=attempt, answer=self.token(attempt, code))


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """The token endpoint's answer to one attempt."""

    party: RelyingParty
    attempt: Attempt
    answer: requests.Response

    @property
    def id_token(self) -> str:
        assert self.answer.status_code == 200, self.answer.text
        return str(self.answer.json()["id_token"])

    @property
    def unverified_claims(self) -> dict[str, Any]:
        return self._segment(1)

    @property
    def header(self) -> dict[str, Any]:
        return self._segment(0)

    def _segment(self, number: int) -> dict[str, Any]:
        """Read a part of the token by hand, because no library would read some of these."""
        return dict(json.loads(urlsafe_b64decode(self.id_token.split(".")[number] + "==")))

    def verified_claims(self) -> dict[str, Any]:
        """Verify as PyJWT does; what it leaves to the application is left to the test."""
        published = self.party.http.get(f"{self.party.issuer}/jwks", timeout=TIMEOUT).json()
        (key,) = jwt.PyJWKSet.from_dict(published).keys
        assert self.header["kid"] == key.key_id
        return dict(
            jwt.decode(
                self.id_token,
                key,
                algorithms=["ES256"],
                audience=CLIENT_ID,
                issuer=self.party.issuer,
                options={"require": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr"]},
            )
        )

    def userinfo(self) -> dict[str, Any]:
        bearer = {"Authorization": f"Bearer {self.answer.json()['access_token']}"}
        response = self.party.http.get(f"{self.party.issuer}/userinfo", headers=bearer, timeout=TIMEOUT)
        assert response.status_code == 200, response.text
        return dict(response.json())


def without_assertion(form: Parameters) -> dict[str, str]:
    return {name: value for name, value in form.items() if not name.startswith("client_assertion")}


def s256(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@contextmanager
def published_keys(
    certificate: tuple[Path, Path] | None = None,
) -> Iterator[tuple[ec.EllipticCurvePrivateKey, str]]:
    """Serve a client's key set over HTTP, or TLS with a certificate and its key.

    Gives the private key and a redirect URI beside the key set.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    public = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    body = json.dumps({"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "ES256"}]}).encode()

    class KeySet(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/jwks" else 404)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), KeySet)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield key, f"{scheme}://127.0.0.1:{server.server_address[1]}/providers/northgate/callback"
    finally:
        server.shutdown()
        server.server_close()
