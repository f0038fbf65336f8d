"""What an access token may learn now (OIDC Core §5.3): the grant stands, the consent stands, the release is journalled.

Invariant: nothing is answered before the release is committed to the audit trail, in the transaction that locked the
consent; a withdrawal that committed first wins.
"""

from __future__ import annotations

from datetime import datetime

from broker.entitlement import Entitlement
from broker.events import AttributesReleased, ReleaseRefused
from broker.grants import GrantState, grant_state
from broker.hub import Hub, Membership, Work
from broker.journeys.release import commitment
from broker.oidc.errors import InvalidTokenError
from broker.state.handles import Handle, HandleError
from broker.state.store import Kind
from consent.records import release_state
from consent.standing import may_release
from idp_adapters.identity import JsonValue

DOOR = "userinfo"


def release_userinfo(hub: Hub, membership: Membership, token: str, now: datetime) -> dict[str, JsonValue]:
    """The claims for a bearer of this token; raises `InvalidTokenError`, the same for every cause."""
    entitlement = _entitlement(hub, token, now)
    if entitlement.client_id not in membership.federation.services:
        raise InvalidTokenError("the service has left the federation")
    with hub.work() as work:
        reason = _stopped(work, entitlement)
        event: AttributesReleased | ReleaseRefused
        if reason is None:
            event = _released(entitlement)
        else:
            event = ReleaseRefused(
                journey=entitlement.journey, service=entitlement.client_id, door=DOOR, reason=reason
            )
        work.journal(event, at=now)
    if reason is not None:
        raise InvalidTokenError(reason)
    return {"sub": entitlement.subject, **entitlement.userinfo_claims}


def _entitlement(hub: Hub, token: str, now: datetime) -> Entitlement:
    try:
        handle = Handle.parse(token)
    except HandleError as error:
        raise InvalidTokenError("not a token of ours") from error
    with hub.reading() as reads:
        opened = hub.envelopes.read(reads, Kind.ACCESS_TOKEN, handle, now)
    if opened is None:
        raise InvalidTokenError("unknown or expired")
    return Entitlement.from_json(opened.content)


def _stopped(work: Work, entitlement: Entitlement) -> str | None:
    if grant_state(work.connection, entitlement.grant) is not GrantState.ACTIVE:
        return "revoked"
    state = release_state(work.connection, entitlement.consent_id)
    return None if may_release(state, entitlement.consent_sequence) else "consent"


def _released(entitlement: Entitlement) -> AttributesReleased:
    return AttributesReleased(
        journey=entitlement.journey,
        service=entitlement.client_id,
        door=DOOR,
        level=entitlement.acr,
        attributes=tuple(entitlement.userinfo_claims),
        subject=commitment(entitlement, AttributesReleased.kind, entitlement.subject.encode()),
    )
