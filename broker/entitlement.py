"""What a sign-in entitles a service to: carried by the code, then by the access token, sealed in both.

Invariant: it names one service, one pairwise subject and one consent; it holds no account secret, and no attribute
beyond those agreed to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from idp_adapters.identity import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """What may be told to the service, and on whose word.

    `grant` is the key of the row that can stop it; `evidence_salt` keys this journey's commitments;
    `assertion_digest` is the SHA-256 of the provider-signed assertion that it rests on.
    """

    journey: str
    client_id: str
    scope: tuple[str, ...]
    subject: str
    acr: str
    authenticated_at: datetime | None
    session: str
    grant: bytes
    consent_id: bytes
    consent_sequence: int
    id_token_claims: Mapping[str, JsonValue]
    userinfo_claims: Mapping[str, JsonValue]
    assertion_digest: bytes
    evidence_salt: bytes

    def to_json(self) -> list[Any]:
        """Compact, positional; read back by `from_json`."""
        return [
            self.journey,
            self.client_id,
            " ".join(self.scope),
            self.subject,
            self.acr,
            None if self.authenticated_at is None else int(self.authenticated_at.timestamp()),
            self.session,
            self.grant.hex(),
            self.consent_id.hex(),
            self.consent_sequence,
            dict(self.id_token_claims),
            dict(self.userinfo_claims),
            self.assertion_digest.hex(),
            self.evidence_salt.hex(),
        ]

    @classmethod
    def from_json(cls, body: list[Any]) -> Entitlement:
        """Read what `to_json` wrote under our seal."""
        (
            journey,
            client_id,
            scope,
            subject,
            acr,
            authenticated_at,
            session,
            grant,
            consent_id,
            consent_sequence,
            id_token_claims,
            userinfo_claims,
            assertion_digest,
            evidence_salt,
        ) = body
        return cls(
            journey=journey,
            client_id=client_id,
            scope=tuple(scope.split()),
            subject=subject,
            acr=acr,
            authenticated_at=None
            if authenticated_at is None
            else datetime.fromtimestamp(authenticated_at, UTC),
            session=session,
            grant=bytes.fromhex(grant),
            consent_id=bytes.fromhex(consent_id),
            consent_sequence=consent_sequence,
            id_token_claims=id_token_claims,
            userinfo_claims=userinfo_claims,
            assertion_digest=bytes.fromhex(assertion_digest),
            evidence_salt=bytes.fromhex(evidence_salt),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeGrant:
    """A code's content: the entitlement and what its redemption must prove."""

    entitlement: Entitlement
    redirect_uri: str
    nonce: str | None
    code_challenge: str | None

    def to_json(self) -> list[Any]:
        """Compact, positional; read back by `from_json`."""
        return [
            self.entitlement.to_json(),
            self.redirect_uri,
            self.nonce,
            self.code_challenge,
        ]

    @classmethod
    def from_json(cls, body: list[Any]) -> CodeGrant:
        """Read what `to_json` wrote under our seal."""
        entitlement, redirect_uri, nonce, code_challenge = body
        return cls(
            entitlement=Entitlement.from_json(entitlement),
            redirect_uri=redirect_uri,
            nonce=nonce,
            code_challenge=code_challenge,
        )
