"""A hub made of answers to HTTP requests: strict about what comes, and false where a test says so."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import responses
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from requests import PreparedRequest

from broker.demo.levels import LEVEL_PREFIX

ISSUER = "http://localhost:8400"
CLIENT_ID = "fishing-licence"
OWN_URL = "http://localhost:8410"
MEDIUM = f"{LEVEL_PREFIX}medium.medium"
SUBJECT = "pairwise-subject"
ACCESS_TOKEN = "an-access-token"
JOURNEY = "7Q2K-M4XB-09ZT"

Claims = dict[str, Any]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_Answer = tuple[int, Mapping[str, str], str]


def public_jwk(key: PrivateKey, kid: str) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        return {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid}
    return {**jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid}


def at_hash(access_token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()


class SimulatedHub:
    """Answers while `responses` is active; a test sets one attribute to make it misbehave."""

    def __init__(self, network: responses.RequestsMock, service_jwks: Callable[[], dict[str, Any]]) -> None:
        self.key: PrivateKey = ec.generate_private_key(ec.SECP256R1())
        self.kid = "hub-key"
        self.change_claims: Callable[[Claims], None] = lambda _claims: None
        self.attributes: Claims = {"sub": SUBJECT, "name": "Ada <b>Example</b>", "age_over_18": True}
        self.token_error: tuple[int, Claims] | None = None
        self.metadata: Claims = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "jwks_uri": f"{ISSUER}/jwks",
        }
        self.assertions: list[Claims] = []
        self.requested: dict[str, str] = {}
        self.now = 0
        self._service_jwks = service_jwks
        for method, path, answer in (
            ("GET", "/.well-known/openid-configuration", self._discovery),
            ("GET", "/jwks", self._jwks),
            ("POST", "/token", self._token),
            ("GET", "/userinfo", self._userinfo),
        ):
            network.add_callback(method, f"{ISSUER}{path}", callback=answer)

    def authorize(self, location: str, **changes: str) -> str:
        """Take the citizen's request and give the address of the answer, with `changes` to its parameters."""
        assert location.startswith(f"{ISSUER}/authorize?")
        self.requested = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        answer = {"state": self.requested["state"], "iss": ISSUER, "code": "a-code", **changes}
        return "/callback?" + urlencode({name: value for name, value in answer.items() if value})

    def claims(self) -> Claims:
        return {
            "iss": ISSUER,
            "sub": SUBJECT,
            "aud": CLIENT_ID,
            "iat": self.now,
            "exp": self.now + 300,
            "auth_time": self.now,
            "nonce": self.requested["nonce"],
            "acr": MEDIUM,
            "at_hash": at_hash(ACCESS_TOKEN),
        }

    def _discovery(self, _request: PreparedRequest) -> _Answer:
        return _json(200, self.metadata)

    def _jwks(self, _request: PreparedRequest) -> _Answer:
        return _json(200, {"keys": [public_jwk(self.key, self.kid)]})

    def _token(self, request: PreparedRequest) -> _Answer:
        if self.token_error is not None:
            return _json(*self.token_error)
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        form = parse_qs(body, strict_parsing=True)
        assert form["grant_type"] == ["authorization_code"]
        assert form["code"] == ["a-code"]
        assert form["redirect_uri"] == [f"{OWN_URL}/callback"]
        digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.requested["code_challenge"]
        assert form["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
        self.assertions.append(self._client_assertion(form["client_assertion"][0]))
        claims = self.claims()
        self.change_claims(claims)
        id_token = jwt.encode(claims, self.key, algorithm=self._algorithm(), headers={"kid": self.kid})
        return _json(
            200,
            {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 60, "id_token": id_token},
        )

    def _userinfo(self, request: PreparedRequest) -> _Answer:
        assert request.headers["Authorization"] == f"Bearer {ACCESS_TOKEN}"
        return _json(200, self.attributes)

    def _algorithm(self) -> str:
        return "ES256" if isinstance(self.key, ec.EllipticCurvePrivateKey) else "RS256"

    def _client_assertion(self, assertion: str) -> Claims:
        key = next(
            jwt.PyJWK(key, algorithm="ES256")
            for key in self._service_jwks()["keys"]
            if key["kid"] == jwt.get_unverified_header(assertion)["kid"]
        )
        return jwt.decode(
            assertion,
            key,
            algorithms=["ES256"],
            audience=ISSUER,
            issuer=CLIENT_ID,
            options={"strict_aud": True},
        )


def _json(status: int, content: object) -> _Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(content)
