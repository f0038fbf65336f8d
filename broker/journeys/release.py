"""The last step of a sign-in: an entitlement is written down, journalled, and a code given for it.

Invariant: the grant and its audit entry commit together with the consent they rest on, and no code exists before
they have; the code and its evidence salt follow from the journey's own handle, so the same step repeated gives the
same answer, not a second one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit.entry import Commitment
from broker.accounts.account import Account
from broker.disclosure import Proposal, Target, released
from broker.entitlement import CodeGrant, Entitlement
from broker.events import JourneyCompleted
from broker.grants import CODE_LIFE, create_grant
from broker.hub import Hub, Work
from broker.journeys.journey import Agreed, Completed
from broker.state.handles import Handle
from broker.state.store import Kind
from config.federation import RelyingService

_SALT_BYTES = 16
CODE = "code"
EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a release rests on besides the journey itself."""

    service: RelyingService
    proposal: Proposal
    session_id: str


def code_handle(journey_handle: Handle) -> Handle:
    """The journey's one code; the same each time."""
    return journey_handle.derived(CODE)


def complete(
    work: Work, hub: Hub, agreed: Agreed, release: Release, handle: Handle, now: datetime
) -> Completed:
    """Issue the code of a journey whose handle is new."""
    create_grant(work.connection, code_handle(handle).key, now)
    return issue(work, hub, agreed, release, handle, now)


def issue(work: Work, hub: Hub, agreed: Agreed, release: Release, handle: Handle, now: datetime) -> Completed:
    """Issue the code of a grant that was created in this unit of work."""
    entitlement = _entitlement(hub, agreed, release, handle)
    work.journal(_completed(entitlement, agreed.shared), at=now)
    return _stored(work, hub, agreed, entitlement, handle, now)


def issue_again(
    work: Work, hub: Hub, agreed: Agreed, release: Release, handle: Handle, now: datetime
) -> Completed:
    """Store the code of a grant that an earlier unit of work committed; nothing is journalled anew."""
    return _stored(work, hub, agreed, _entitlement(hub, agreed, release, handle), handle, now)


def _stored(
    work: Work, hub: Hub, agreed: Agreed, entitlement: Entitlement, handle: Handle, now: datetime
) -> Completed:
    request = agreed.sign_in.request
    expires_at = now + CODE_LIFE
    content = CodeGrant(
        entitlement=entitlement,
        redirect_uri=request.redirect_uri,
        nonce=request.nonce,
        code_challenge=request.code_challenge,
    )
    hub.envelopes.put(work.writes, Kind.CODE, code_handle(handle), content.to_json(), expires_at)
    return agreed.complete(code_expires_at=expires_at)


def commitment(entitlement: Entitlement, purpose: str, value: bytes) -> Commitment:
    """A commitment for one kind of entry of this journey; opened with the journey's evidence salt."""
    return Commitment.salted(purpose.encode() + b"|" + value, entitlement.evidence_salt)


def _entitlement(hub: Hub, agreed: Agreed, release: Release, handle: Handle) -> Entitlement:
    sign_in, person = agreed.sign_in, agreed.person
    return Entitlement(
        journey=sign_in.reference,
        client_id=release.service.id,
        scope=sign_in.request.scope,
        subject=hub.subjects.subject(Account(person.account_secret), release.service.sector),
        acr=agreed.acr,
        authenticated_at=person.identity.authenticated_at,
        session=release.session_id,
        grant=code_handle(handle).key,
        consent_id=agreed.consent_id,
        consent_sequence=agreed.consent_sequence,
        id_token_claims=released(release.proposal, agreed.shared, Target.ID_TOKEN),
        userinfo_claims=released(release.proposal, agreed.shared, Target.USERINFO),
        assertion_digest=person.identity.assertion_digest,
        evidence_salt=handle.derived_bytes(EVIDENCE, _SALT_BYTES),
    )


def _completed(entitlement: Entitlement, shared: tuple[str, ...]) -> JourneyCompleted:
    return JourneyCompleted(
        journey=entitlement.journey,
        service=entitlement.client_id,
        level=entitlement.acr,
        attributes=shared,
        subject=commitment(entitlement, JourneyCompleted.kind, entitlement.subject.encode()),
        assertion=commitment(entitlement, "assertion", entitlement.assertion_digest),
    )
