"""A provider in this process, behind `responses`: correct by default, and whatever a test changes about it.

Its tokens are minted with PyJWT and the hub's assertions verified with it, so that joserfc does not vouch for itself.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt as pyjwt
import responses
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey
from requests import PreparedRequest

from idp_adapters.contract import Departure, ProviderAnswer, SignInRequest
from idp_adapters.identity import VerifiedIdentity
from idp_adapters.oidc.adapter import OidcAdapter
from idp_adapters.oidc.settings import read_settings
from idp_adapters.outbound import AllowList, OutboundClient

ISSUER = "https://idp.example"
CLIENT_ID = "countersign"
CALLBACK = "https://hub.example/providers/northgate/callback"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ACR = "urn:example:northgate:medium"
ACCESS_TOKEN = "access-token-1"
SUBJECT = "person-1"
SETTINGS: Mapping[str, object] = {
    "issuer": ISSUER,
    "client_id": CLIENT_ID,
    "client_authentication": {"method": "private_key_jwt"},
    "scopes": ["openid", "profile"],
    "level_request": "acr_values",
}

PROVIDER_KEY = ec.generate_private_key(ec.SECP256R1())
HUB_KEY = ECKey.generate_key("P-256", {"kid": "hub-1", "use": "sig"})


def public_jwk(key: ec.EllipticCurvePrivateKey, kid: str, **more: object) -> dict[str, Any]:
    jwk: dict[str, Any] = pyjwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**jwk, "kid": kid, "use": "sig", "alg": "ES256", **more}


def half_hash(token: str, algorithm: str = "sha256") -> str:
    digest = hashlib.new(algorithm, token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


class ScriptedProvider:
    """Answers at ISSUER; what it says is in public attributes, what it heard in `heard`."""

    def __init__(self, mock: responses.RequestsMock, **settings: object) -> None:
        self.mock = mock
        self.heard: list[tuple[str, PreparedRequest]] = []
        self.metadata: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "jwks_uri": f"{ISSUER}/jwks",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["ES256", "RS256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        self.keys: list[dict[str, Any]] = [public_jwk(PROVIDER_KEY, "idp-1")]
        self.header: dict[str, Any] = {"kid": "idp-1"}
        self.claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": SUBJECT,
            "aud": CLIENT_ID,
            "iat": int(NOW.timestamp()),
            "exp": int(NOW.timestamp()) + 300,
            "auth_time": int(NOW.timestamp()) - 5,
            "acr": ACR,
            "amr": ["pwd", "otp"],
            "at_hash": half_hash(ACCESS_TOKEN),
        }
        self.signing_key: Any = PROVIDER_KEY
        self.algorithm = "ES256"
        self.id_token: str | None = None
        self.token_answer: dict[str, Any] = {"access_token": ACCESS_TOKEN, "token_type": "Bearer"}
        self.token_reply: tuple[int, dict[str, str], bytes] | None = None
        self.userinfo: dict[str, Any] = {"sub": SUBJECT, "name": "Amelia Thornbury"}
        self.userinfo_reply: tuple[int, dict[str, str], bytes] | None = None
        self.nonce: str | None = None
        self.outbound = OutboundClient(allow=AllowList(), user_agent="countersign-test", failures_to_open=3)
        self.adapter = self.build(**settings)
        description = f"{ISSUER}/.well-known/openid-configuration"
        mock.add_callback(responses.GET, description, callback=self._describe)
        mock.add_callback(responses.GET, f"{ISSUER}/jwks", callback=self._publish)
        mock.add_callback(responses.GET, f"{ISSUER}/userinfo", callback=self._tell)
        mock.add_callback(responses.POST, f"{ISSUER}/token", callback=self._redeem)

    def build(self, **settings: object) -> OidcAdapter:
        return OidcAdapter(
            provider_id="northgate",
            settings=read_settings({**SETTINGS, **settings}),
            callback_url=CALLBACK,
            client_key=HUB_KEY,
            outbound=self.outbound,
            client_secrets={"NORTHGATE_SECRET": "s3cret/&=é"},
        )

    # What a test does with it.

    def begin(self, *, levels: tuple[str, ...] = (ACR,), fresh: bool = False) -> Departure:
        departure = self.adapter.begin(
            SignInRequest(state="journey.state", levels=levels, fresh=fresh, language="en")
        )
        self.nonce = departure.pending["nonce"]
        return departure

    def answer(self, **changes: str | None) -> ProviderAnswer:
        parameters: dict[str, str | None] = {"code": "code-1", "state": "journey.state", "iss": ISSUER}
        parameters |= changes
        return ProviderAnswer(
            parameters={name: said for name, said in parameters.items() if said is not None}
        )

    def finish(self, departure: Departure | None = None, **changes: str | None) -> VerifiedIdentity:
        departure = departure or self.begin()
        return self.adapter.finish(self.answer(**changes), departure.pending, NOW)

    def calls(self, endpoint: str) -> int:
        return sum(1 for name, _ in self.heard if name == endpoint)

    def form(self) -> dict[str, str]:
        body = next(request.body for name, request in self.heard if name == "token")
        return dict(parse_qsl(body.decode() if isinstance(body, bytes) else str(body), strict_parsing=True))

    def sign(self, **claims: object) -> str:
        said = {"nonce": self.nonce, **self.claims, **claims}
        present = {name: value for name, value in said.items() if value is not ...}
        token: str = pyjwt.encode(present, self.signing_key, algorithm=self.algorithm, headers=self.header)
        return token

    # How it answers.

    def _describe(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.heard.append(("discovery", request))
        return 200, {"Content-Type": "application/json"}, json.dumps(self.metadata)

    def _publish(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.heard.append(("jwks", request))
        return 200, {"Content-Type": "application/jwk-set+json"}, json.dumps({"keys": self.keys})

    def _redeem(self, request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        self.heard.append(("token", request))
        if self.token_reply is not None:
            return self.token_reply
        id_token = self.sign() if self.id_token is None else self.id_token
        answer = {**self.token_answer, "id_token": id_token}
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def _tell(self, request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        self.heard.append(("userinfo", request))
        if self.userinfo_reply is not None:
            return self.userinfo_reply
        return 200, {"Content-Type": "application/json"}, json.dumps(self.userinfo).encode()


def query(url: str) -> dict[str, str]:
    """The parameters of an address, each of which must be there once."""
    pairs = parse_qsl(urlsplit(url).query, strict_parsing=True, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)
