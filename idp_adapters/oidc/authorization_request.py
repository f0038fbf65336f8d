"""The request that the browser carries to the provider; OpenID Connect Core §3.1.2.1, RFC 7636.

Invariant: it varies by the levels asked for, the wish for a new sign-in and the citizen's language, and is
otherwise the same for every service (attack A-PR-02): scopes and claims are the registration's, the callback
is the provider's.
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Self
from urllib.parse import urlencode

from idp_adapters.contract import SignInRequest
from idp_adapters.errors import UntrustedAnswerError
from idp_adapters.oidc.settings import LevelRequest, OidcSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSignIn:
    """What must be remembered until the browser returns; the hub keeps it sealed.

    `issuer` is remembered so that a registration changed meanwhile cannot send this code to another issuer.
    """

    issuer: str
    state: str
    nonce: str
    code_verifier: str

    @classmethod
    def start(cls, *, issuer: str, state: str) -> Self:
        """Draw a nonce of 192 bits and a code verifier of 256 bits."""
        return cls(
            issuer=issuer,
            state=state,
            nonce=secrets.token_urlsafe(24),
            code_verifier=secrets.token_urlsafe(32),
        )

    @classmethod
    def recall(cls, pending: Mapping[str, str]) -> Self:
        """Read what `as_mapping` wrote; raises `UntrustedAnswerError` when something is missing."""
        try:
            return cls(
                issuer=pending["issuer"],
                state=pending["state"],
                nonce=pending["nonce"],
                code_verifier=pending["code_verifier"],
            )
        except KeyError as error:
            raise UntrustedAnswerError(f"nothing was pending: {error.args[0]} is missing") from error

    def as_mapping(self) -> dict[str, str]:
        """Give what `recall` reads."""
        return {
            "issuer": self.issuer,
            "state": self.state,
            "nonce": self.nonce,
            "code_verifier": self.code_verifier,
        }

    @property
    def code_challenge(self) -> str:
        """The S256 challenge; RFC 7636 §4.2."""
        return urlsafe_b64encode(sha256(self.code_verifier.encode()).digest()).rstrip(b"=").decode()


class AuthorizationRequests:
    """Writes authorization requests of one provider."""

    def __init__(self, settings: OidcSettings, callback_url: str) -> None:
        """Write down once what never varies."""
        self._settings = settings
        self._fixed = urlencode(
            {
                "response_type": "code",
                "client_id": settings.client_id,
                "redirect_uri": callback_url,
                "scope": " ".join(settings.scopes),
                "code_challenge_method": "S256",
            }
        )

    def url(self, endpoint: str, request: SignInRequest, pending: PendingSignIn) -> str:
        """Return the address to send the browser to."""
        varying = {
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": pending.code_challenge,
            "ui_locales": request.language,
            **self._level(request.levels),
        }
        if request.fresh:
            # Both, because providers differ in which one they honour.
            varying |= {"prompt": "login", "max_age": "0"}
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{self._fixed}&{urlencode(varying)}"

    def _level(self, levels: tuple[str, ...]) -> dict[str, str]:
        claims: dict[str, object] = {}
        if self._settings.claims:
            claims["userinfo"] = dict.fromkeys(self._settings.claims)
        asked: dict[str, str] = {}
        if levels:
            match self._settings.level_request:
                case LevelRequest.ACR_VALUES:
                    asked["acr_values"] = " ".join(levels)
                case LevelRequest.VTR:
                    asked["vtr"] = _json(list(levels))
                case LevelRequest.CLAIMS:
                    claims["id_token"] = {"acr": {"essential": True, "values": list(levels)}}
                case LevelRequest.NONE:
                    pass
        if claims:
            asked["claims"] = _json(claims)
        return asked


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
