"""An OpenID Provider that says whatever a test scripts: odd names, huge answers, strange headers.

It runs in a thread of the test, on a port of its own, and signs with PyJWT. The simulated providers cover the
protocol and its named faults; this one is for content that no named persona or outcome has.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from broker.demo.processes import find_free_port

Claims = dict[str, Any]
_KEY: Final = ec.generate_private_key(ec.SECP256R1())
_KID: Final = "scripted"


@dataclass(slots=True, kw_only=True)
class ScriptedProvider:
    """What it says next: `userinfo` as an object or as raw bytes; `id_token` and `metadata` over what is right."""

    issuer: str
    subject: str = "scripted-person"
    userinfo: Claims | bytes = field(default_factory=dict)
    id_token: Claims = field(default_factory=dict)
    id_token_as_it_is: str | None = None
    metadata: Claims = field(default_factory=dict)
    nonces: dict[str, str] = field(default_factory=dict)

    def application(self, request: Request) -> Response:
        """Answer one request."""
        doors: dict[str, Callable[[Request], Response]] = {
            "/.well-known/openid-configuration": lambda _request: _json(self._metadata()),
            "/jwks": lambda _request: _json({"keys": [_public_key()]}),
            "/authorize": self._authorize,
            "/token": self._token,
            "/userinfo": lambda _request: self._userinfo(),
        }
        door = doors.get(request.path)
        return Response(status=404) if door is None else door(request)

    def _userinfo(self) -> Response:
        if isinstance(self.userinfo, bytes):
            return Response(self.userinfo, content_type="application/json")
        return _json({"sub": self.subject, **self.userinfo})

    def _metadata(self) -> Claims:
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/jwks",
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }

    def _authorize(self, request: Request) -> Response:
        code = secrets.token_urlsafe(16)
        self.nonces[code] = request.args["nonce"]
        answer = urlencode({"code": code, "state": request.args["state"], "iss": self.issuer})
        return Response(status=303, headers={"Location": f"{request.args['redirect_uri']}?{answer}"})

    def _token(self, request: Request) -> Response:
        now = int(time.time())
        claims: Claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": "countersign",
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": self.nonces.pop(request.form["code"]),
            "acr": "urn:example:northgate:medium",
            **self.id_token,
        }
        signed = self.id_token_as_it_is or jwt.encode(claims, _KEY, "ES256", headers={"kid": _KID})
        return _json(
            {
                "access_token": secrets.token_urlsafe(16),
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": signed,
            }
        )


def _public_key() -> Claims:
    key: Claims = ECAlgorithm.to_jwk(_KEY.public_key(), as_dict=True)
    return {**key, "kid": _KID, "alg": "ES256", "use": "sig"}


def _json(body: Claims) -> Response:
    # Escaped to ASCII, so that a test may send what UTF-8 has no form for.
    return Response(json.dumps(body), content_type="application/json")


@contextmanager
def scripted_provider() -> Iterator[ScriptedProvider]:
    """Run one until the block ends."""
    port = find_free_port()
    provider = ScriptedProvider(issuer=f"http://127.0.0.1:{port}")
    server = make_server("127.0.0.1", port, Request.application(provider.application), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
