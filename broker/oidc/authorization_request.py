"""What a relying service asked for, after every check: the only form in which a request is known inside.

Invariant: an `AuthorizationRequest` is made by `request_checks.validate_authorization_request`, or read back
from a journey that was sealed here; its redirect URI is registered for its client. It is never changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from broker.disclosure import Wish
from broker.oidc.claims_request import NO_CLAIMS, ClaimsRequest
from broker.oidc.errors import ReturnAddress
from idp_adapters.identity import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """One authorization request (OIDC Core §3.1.2.1).

    `max_age` is in seconds. `id_token_hint` and `login_hint` are as they came: nothing is proved by them.
    `state` and `nonce` go back unchanged. `code_challenge` is of method S256, None only where the
    registration makes PKCE optional. `provider_hint` is set only for a service registered with `direct_hint`,
    and names a known provider.
    """

    client_id: str
    redirect_uri: str
    response_type: str = "code"
    response_mode: str = "query"
    scope: tuple[str, ...]
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    login_hint: str | None = None
    id_token_hint: str | None = None
    ui_locales: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    claims: ClaimsRequest = NO_CLAIMS
    provider_hint: str | None = None
    display: str | None = None

    @property
    def return_address(self) -> ReturnAddress:
        """Where the answer goes, error or code."""
        return ReturnAddress(
            client_id=self.client_id,
            redirect_uri=self.redirect_uri,
            state=self.state,
            response_mode=self.response_mode,
        )

    @property
    def silent(self) -> bool:
        """Whether no page may be shown (`prompt=none`)."""
        return "none" in self.prompt

    @property
    def wants_new_sign_in(self) -> bool:
        """Whether only a new sign-in will do; a `max_age` of zero says the same as `prompt=login`."""
        return "login" in self.prompt or self.max_age == 0

    @property
    def wished_acr_values(self) -> tuple[str, ...]:
        """Every level asked for without obligation, in order of preference."""
        return (*self.acr_values, *self.claims.voluntary_acr_values)

    @property
    def wish(self) -> Wish:
        """What the service would like to learn, as the disclosure rule reads it."""
        return Wish(scope=self.scope, userinfo=self.claims.userinfo, id_token=self.claims.id_token)

    def digest(self) -> str:
        """Hex SHA-256 of the canonical form: the same for the same request, whatever its spelling.

        Without `login_hint`: the digest is kept in the clear, and an address is soon guessed from it (A-AU-04).
        """
        members = {name: value for name, value in self.to_json().items() if name != "login_hint"}
        canonical = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()

    def to_json(self) -> dict[str, JsonValue]:
        """Write a compact object without what was not asked; `from_json` reads it back."""
        members: dict[str, JsonValue | None] = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": self.response_type,
            "response_mode": self.response_mode,
            "scope": " ".join(self.scope),
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": self.code_challenge,
            "prompt": " ".join(sorted(self.prompt)) or None,
            "max_age": self.max_age,
            "login_hint": self.login_hint,
            "id_token_hint": self.id_token_hint,
            "ui_locales": " ".join(self.ui_locales) or None,
            "acr_values": " ".join(self.acr_values) or None,
            "claims": self.claims.to_json() or None,
            "provider_hint": self.provider_hint,
            "display": self.display,
        }
        return {name: value for name, value in members.items() if value is not None}

    @classmethod
    def from_json(cls, value: Mapping[str, JsonValue]) -> Self:
        """Read back what `to_json` wrote and the hub kept sealed; raises ValueError for anything else."""
        claims, max_age = value.get("claims", {}), value.get("max_age")
        if not isinstance(claims, dict) or not (max_age is None or isinstance(max_age, int)):
            raise ValueError("expected a request written by to_json")
        return cls(
            client_id=_text(value, "client_id"),
            redirect_uri=_text(value, "redirect_uri"),
            response_type=_text(value, "response_type"),
            response_mode=_text(value, "response_mode"),
            scope=_words(value, "scope"),
            state=_optional(value, "state"),
            nonce=_optional(value, "nonce"),
            code_challenge=_optional(value, "code_challenge"),
            prompt=frozenset(_words(value, "prompt")),
            max_age=max_age,
            login_hint=_optional(value, "login_hint"),
            id_token_hint=_optional(value, "id_token_hint"),
            ui_locales=_words(value, "ui_locales"),
            acr_values=_words(value, "acr_values"),
            claims=ClaimsRequest.from_json(claims),
            provider_hint=_optional(value, "provider_hint"),
            display=_optional(value, "display"),
        )


def _optional(value: Mapping[str, JsonValue], name: str) -> str | None:
    member = value.get(name)
    if member is not None and not isinstance(member, str):
        raise ValueError(f"expected text for {name}")
    return member


def _text(value: Mapping[str, JsonValue], name: str) -> str:
    member = _optional(value, name)
    if member is None:
        raise ValueError(f"expected {name}")
    return member


def _words(value: Mapping[str, JsonValue], name: str) -> tuple[str, ...]:
    return tuple(word for word in (_optional(value, name) or "").split(" ") if word)
