"""Who the citizen is stands; now either an earlier consent covers what is asked, or they must be asked.

Invariant: standing consent is read and locked in the transaction that relies on it, so a withdrawal that commits
first is always seen; what is asked about is never more than the difference.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from broker.accounts.account import Account
from broker.accounts.consent_box import ConsentBox
from broker.hub import Hub, Membership, Work
from broker.journeys.agreement import Offer, make_offer
from broker.journeys.journey import Completed, Failed, Identified
from broker.journeys.release import Release, complete
from broker.sessions import HubSession, store_new_session
from broker.state.handles import Handle, encode
from config.federation import RelyingService
from consent.coverage import Coverage, coverage
from consent.granting import record_shown
from consent.model import StandingConsent
from consent.records import find

_SESSIONLESS_SID_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Where a step left the journey and under which handle it stands now.

    `session` is what the hub session became, `session_handle` the new handle that the browser must be given; both
    None when the step made no session.
    """

    journey: Completed | Identified | Failed
    handle: Handle
    session: HubSession | None = None
    session_handle: Handle | None = None

    def with_new_session(self, work: Work, hub: Hub, now: datetime) -> Settled:
        """Keep the session under a new handle."""
        if self.session is None:
            return self
        handle = store_new_session(work.writes, hub.envelopes, self.session, now)
        return replace(self, session_handle=handle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What is on offer in a journey, and what of it an earlier consent settles."""

    consent_id: bytes
    box: ConsentBox
    consent: StandingConsent | None
    offer: Offer
    covered: Coverage

    @property
    def asked(self) -> tuple[str, ...]:
        """The attributes to ask about; all of them when nothing is missing but asking was requested."""
        return self.covered.missing or self.offer.terms.names


def position(
    connection: Connection,
    membership: Membership,
    identified: Identified,
    *,
    language: str,
    now: datetime,
    lock: bool,
) -> Position:
    """Hold the consent against what is asked now; `lock` it where a decision or a release follows."""
    person = identified.person
    service = membership.service_of(identified.sign_in.request)
    account = Account(person.account_secret)
    consent_id = account.consent_id(service.id)
    box = ConsentBox.of(account, service.id)
    consent = find(connection, consent_id, box, for_update=lock)
    offer = make_offer(
        service,
        membership.frames[service.id],
        identified.sign_in.request,
        person,
        identified.acr,
        language=language,
        now=now,
    )
    return Position(
        consent_id=consent_id,
        box=box,
        consent=consent,
        offer=offer,
        covered=coverage(consent, offer.terms, now),
    )


def settle(
    work: Work,
    hub: Hub,
    membership: Membership,
    identified: Identified,
    *,
    handle: Handle,
    session: HubSession | None,
    now: datetime,
) -> Settled:
    """Complete at once where consent stands; else leave the journey at the agreement, with what was shown written."""
    sign_in = identified.sign_in
    service = membership.service_of(sign_in.request)
    found = position(work.connection, membership, identified, language=sign_in.language, now=now, lock=True)
    if found.consent is None or not found.covered.covered or "consent" in sign_in.request.prompt:
        terms = found.offer.terms.only(found.asked)
        record_shown(work.connection, terms=terms, at=now, journey=sign_in.reference)
        return Settled(journey=identified, handle=handle, session=session)
    agreed = identified.agree(
        consent_id=found.consent_id,
        consent_sequence=found.consent.sequence,
        shared=found.covered.shared,
    )
    joined = None if session is None else session.joined(service.id)
    release = Release(service=service, proposal=found.offer.proposal, session_id=session_id(joined, service))
    completed = complete(work, hub, agreed, release, handle, now)
    return Settled(journey=completed, handle=handle, session=joined)


def session_id(session: HubSession | None, service: RelyingService) -> str:
    """The `sid` for a service; a service without a shared session gets one that means nothing elsewhere."""
    return encode(secrets.token_bytes(_SESSIONLESS_SID_BYTES)) if session is None else session.sid(service.id)
