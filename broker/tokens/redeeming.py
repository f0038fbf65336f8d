"""Redeem an authorization code, once (RFC 6749 §4.1.3, RFC 7636 §4.6).

Invariant: one atomic update decides who spends a code, in the transaction that journals the release and looks at the
consent; a code used again takes back what it gave; a code whose proof fails is burnt. The client's own assertion is
used up in that same transaction.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from broker.entitlement import CodeGrant, Entitlement
from broker.events import CodeRefused, TokensIssued
from broker.grants import ACCESS_TOKEN_LIFE, GrantState, grant_state, revoke_grant, spend_grant
from broker.hub import Hub, Work
from broker.journeys.release import commitment
from broker.oidc.clients import AuthenticatedClient
from broker.oidc.errors import InvalidClientError, InvalidGrantError
from broker.single_use import AlreadyUsedError, mark_used
from broker.state.handles import Handle, HandleError
from broker.state.store import Kind
from consent.records import release_state
from consent.standing import may_release


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """A token request, as it came: the code, and what should prove the right to it."""

    code: str
    redirect_uri: str | None
    code_verifier: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedTokens:
    """What a redeemed code gave; the ID token is minted from it after the commit."""

    access_token: Handle
    grant: CodeGrant
    issued_at: datetime


def redeem(hub: Hub, client: AuthenticatedClient, asked: Redemption, now: datetime) -> IssuedTokens:
    """Spend a code and write down what it gives; raises `InvalidGrantError`, `InvalidClientError`."""
    code = _handle(asked.code)
    grant = _read(hub, code, now)
    access_token = Handle.new()
    with hub.work() as work:
        _use_assertion(work, client)
        refused = _decide(work, code, grant, asked, client, now)
        if refused is None and grant is not None:
            _issue(work, hub, access_token, grant.entitlement, now)
    if refused is not None or grant is None:
        raise InvalidGrantError(refused or "")
    return IssuedTokens(access_token=access_token, grant=grant, issued_at=now)


def _decide(  # one code, and everything that bears on it
    work: Work,
    code: Handle,
    grant: CodeGrant | None,
    asked: Redemption,
    client: AuthenticatedClient,
    now: datetime,
) -> str | None:
    """Why the code is not honoured, None when it was spent for this client just now."""
    if grant is None:
        return _reused(work, code, client, now)
    if refusal := _refusal(grant, asked, client):
        return _burnt(work, code, grant, client, refusal, now)
    return _spent(work, code, grant.entitlement, client, now)


Proof = Callable[[CodeGrant, Redemption], bool]


def _same_redirect_uri(grant: CodeGrant, asked: Redemption) -> bool:
    return asked.redirect_uri == grant.redirect_uri


def _verifier_fits(grant: CodeGrant, asked: Redemption) -> bool:
    if grant.code_challenge is None or asked.code_verifier is None:
        return grant.code_challenge is None and asked.code_verifier is None
    if not asked.code_verifier.isascii():
        return False
    challenge: str = create_s256_code_challenge(asked.code_verifier)  # type: ignore[no-untyped-call]
    return hmac.compare_digest(challenge, grant.code_challenge)


PROOFS: Final[tuple[tuple[str, Proof], ...]] = (
    ("redirect_uri", _same_redirect_uri),
    ("code_verifier", _verifier_fits),
)
"""What the rightful client must show, in order; a failure burns the code (attack A-AZ-03)."""


def _refusal(grant: CodeGrant, asked: Redemption, client: AuthenticatedClient) -> str | None:
    if grant.entitlement.client_id != client.service.id:
        return "other_client"
    return next((name for name, proof in PROOFS if not proof(grant, asked)), None)


def _handle(code: str) -> Handle:
    try:
        return Handle.parse(code)
    except HandleError as error:
        raise InvalidGrantError("not a code of ours") from error


def _read(hub: Hub, code: Handle, now: datetime) -> CodeGrant | None:
    with hub.reading() as reads:
        opened = hub.envelopes.read(reads, Kind.CODE, code, now)
    return None if opened is None else CodeGrant.from_json(opened.content)


def _use_assertion(work: Work, client: AuthenticatedClient) -> None:
    if client.jti_mark is None:
        return
    try:
        mark_used(work.connection, client.jti_mark.mark, client.jti_mark.expires_at)
    except AlreadyUsedError as error:
        raise InvalidClientError("the client assertion was used before") from error


def _spent(
    work: Work, code: Handle, entitlement: Entitlement, client: AuthenticatedClient, now: datetime
) -> str | None:
    if not spend_grant(work.connection, code.key):
        return _reused(work, code, client, now)
    if may_release(release_state(work.connection, entitlement.consent_id), entitlement.consent_sequence):
        return None
    revoke_grant(work.connection, code.key)
    _journal_refusal(work, entitlement.journey, client, "consent", revoked=True, now=now)
    return "consent"


def _reused(work: Work, code: Handle, client: AuthenticatedClient, now: datetime) -> str:
    """Spent, expired or unknown; a second use of a spent one revokes what the first gave (RFC 9700 §4.5)."""
    if grant_state(work.connection, code.key) is not GrantState.ACTIVE:
        return "unspendable"
    revoke_grant(work.connection, code.key)
    _journal_refusal(work, None, client, "reused", revoked=True, now=now)
    return "reused"


def _burnt(  # what a failed proof leaves behind
    work: Work, code: Handle, grant: CodeGrant, client: AuthenticatedClient, reason: str, now: datetime
) -> str:
    """A failed proof burns the code, but another client's attempt does not take it from its owner."""
    revoked = reason != "other_client" and revoke_grant(work.connection, code.key)
    _journal_refusal(work, grant.entitlement.journey, client, reason, revoked=revoked, now=now)
    return reason


def _journal_refusal(  # the fields of one event
    work: Work, journey: str | None, client: AuthenticatedClient, reason: str, *, revoked: bool, now: datetime
) -> None:
    event = CodeRefused(journey=journey, service=client.service.id, reason=reason, revoked=revoked)
    work.journal(event, at=now)


def _issue(work: Work, hub: Hub, access_token: Handle, entitlement: Entitlement, now: datetime) -> None:
    hub.envelopes.put(
        work.writes, Kind.ACCESS_TOKEN, access_token, entitlement.to_json(), now + ACCESS_TOKEN_LIFE
    )
    event = TokensIssued(
        journey=entitlement.journey,
        service=entitlement.client_id,
        level=entitlement.acr,
        attributes=tuple(entitlement.id_token_claims),
        subject=commitment(entitlement, TokensIssued.kind, entitlement.subject.encode()),
    )
    work.journal(event, at=now)
