"""The citizen decides: the decision, its audit entry, and what follows from it are one transaction.

Invariant: one journey decides once, even when its decision was committed and the journey could not be stored
(docs/decisions/0006-two-engines.md). What counts is what the hub works out again here, never a field of the form; a
decision made on another notice than the one now in force is not a decision (attack A-CO-03).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from broker.accounts.account import Account
from broker.accounts.opening import expiry_month
from broker.accounts.slots import Owned, OwnedKind, add_owned_row
from broker.grants import GrantState, create_grant, grant_state, revoke_grant
from broker.hub import Hub, Membership, Work
from broker.journeys.journey import Cancelled, Completed, Identified
from broker.journeys.judgement import Refused, lapsed, refused_event
from broker.journeys.release import Release, code_handle, issue, issue_again
from broker.journeys.settling import Position, position, session_id
from broker.journeys.sign_in import WrongStepError, ended_event
from broker.journeys.store import Held, hold, save
from broker.notice import Notice
from broker.sessions import HeldSession, hold_session, store_used_session
from broker.state.store import StaleVersionError
from consent.granting import record_decision
from consent.model import Decision


class NoticeChangedError(Exception):
    """The page that was answered is not the one that would be shown now: show it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the citizen sent: yes or no, which optional items, and on which notice."""

    decision: Decision
    ticked: frozenset[str]
    notice_digest: str
    language: str


def asked_notice(found: Position, language: str) -> Notice:
    """The words for exactly what is asked about now."""
    return found.offer.notice(found.asked, language)


def decide(
    hub: Hub, membership: Membership, held: Held, answer: Answer, session: HeldSession | None, now: datetime
) -> Held:
    """Record the decision and complete or end the journey.

    Raises `WrongStepError` when there is nothing to decide, `NoticeChangedError`, `StaleVersionError` and
    `consent.errors.ConsentConflictError` when another request decided first.
    """
    identified = held.journey
    if not isinstance(identified, Identified):
        raise WrongStepError
    with hub.work() as work:
        # First, so that a double click waits for the other's decision and then sees it, whatever the notice says.
        hold(work, held)
        own = _own(work, hub, session, identified, now)
        found = position(
            work.connection, membership, identified, language=answer.language, now=now, lock=True
        )
        code, refused = code_handle(held.handle).key, answer.decision is Decision.REFUSED
        gone = None if refused else lapsed(membership.federation, identified, now)
        if gone is not None:
            after = _fail(work, hub, held, identified, gone, now)
        elif not create_grant(work.connection, code, now, refused=refused):
            after = _finish(work, hub, held, identified, found, own, now)
        elif asked_notice(found, answer.language).digest != answer.notice_digest:
            raise NoticeChangedError
        elif refused:
            after = _refuse(work, hub, held, identified, found, now)
        else:
            after = _agree(work, hub, held, identified, found, answer.ticked, own, now)
    if isinstance(after.journey, Completed) and after.journey.code_expires_at <= now:
        raise StaleVersionError  # nothing to give any more: look again, and find it closed
    return after


def _fail(work: Work, hub: Hub, held: Held, identified: Identified, gone: Refused, now: datetime) -> Held:
    entry = refused_event(identified.sign_in, identified.person.identity.provider, gone)
    work.journal(entry, at=now)
    return save(work, hub, held, identified.fail(gone.outcome))


def _refuse(work: Work, hub: Hub, held: Held, identified: Identified, found: Position, now: datetime) -> Held:
    _record(work, identified, found, Decision.REFUSED, (), now)
    cancelled: Cancelled = identified.refuse()
    work.journal(ended_event(cancelled.sign_in, cancelled.outcome), at=now)
    return save(work, hub, held, cancelled)


def _agree(  # one decision and everything that it completes
    work: Work,
    hub: Hub,
    held: Held,
    identified: Identified,
    found: Position,
    ticked: Collection[str],
    own: HeldSession | None,
    now: datetime,
) -> Held:
    shared = [
        term.name
        for term in found.offer.terms.only(found.asked).attributes
        if term.required or term.name in ticked
    ]
    sequence = _record(work, identified, found, Decision.AGREED, shared, now)
    agreed = identified.agree(
        consent_id=found.consent_id,
        consent_sequence=sequence,
        shared=tuple(dict.fromkeys((*_kept(found), *shared))),
    )
    completed: Completed = issue(work, hub, agreed, _release(work, hub, found, own, now), held.handle, now)
    return save(work, hub, held, completed)


def _finish(  # what _agree knows, but for the ticks
    work: Work,
    hub: Hub,
    held: Held,
    identified: Identified,
    found: Position,
    own: HeldSession | None,
    now: datetime,
) -> Held:
    """Finish what a unit of work decided that could not store it any more; its decision counts, not this request's."""
    grant = code_handle(held.handle).key
    decided = grant_state(work.connection, grant)
    if decided is GrantState.REVOKED:
        return save(work, hub, held, identified.refuse())
    if found.consent is None or not found.covered.covered:  # withdrawn since: nothing may leave any more
        revoke_grant(work.connection, grant)
        cancelled = identified.refuse()
        work.journal(ended_event(cancelled.sign_in, cancelled.outcome), at=now)
        return save(work, hub, held, cancelled)
    agreed = identified.agree(
        consent_id=found.consent_id,
        consent_sequence=found.consent.sequence,
        shared=found.covered.shared,
    )
    if decided is GrantState.ACTIVE:  # the store came back as it was before: this code was given, and spent
        return save(work, hub, held, agreed.complete(code_expires_at=now))
    completed = issue_again(work, hub, agreed, _release(work, hub, found, own, now), held.handle, now)
    return save(work, hub, held, completed)


def _own(
    work: Work, hub: Hub, session: HeldSession | None, identified: Identified, now: datetime
) -> HeldSession | None:
    """The browser's session if it is this person's, held so that no other tab's use of it is lost."""
    if session is None or not _same_person(session, identified):
        return None
    return hold_session(work.writes, hub.envelopes, session.handle, now)


def _release(work: Work, hub: Hub, found: Position, own: HeldSession | None, now: datetime) -> Release:
    """What goes out, and the session that the service joins by it."""
    service = found.offer.service
    joined = None if own is None else own.session.joined(service.id)
    if own is not None and joined is not None:
        store_used_session(work.writes, hub.envelopes, own, joined, now)
    return Release(service=service, proposal=found.offer.proposal, session_id=session_id(joined, service))


def _record(  # what a decision binds
    work: Work,
    identified: Identified,
    found: Position,
    decision: Decision,
    shared: Collection[str],
    now: datetime,
) -> int:
    month = expiry_month(now)
    after = record_decision(
        work.connection,
        consent_id=found.consent_id,
        standing=found.consent,
        box=found.box,
        terms=found.offer.terms.only(found.asked),
        decision=decision,
        shared=shared,
        at=now,
        journey=identified.sign_in.reference,
        expiry_month=month,
    )
    if found.consent is None:
        account = Account(identified.person.account_secret)
        owned = Owned(kind=OwnedKind.CONSENT, row=found.consent_id, name=found.offer.service.id)
        add_owned_row(work.connection, account, owned, expiry_month=month)
    return after.sequence


def _kept(found: Position) -> tuple[str, ...]:
    """What an earlier decision still allows beside what was asked about now."""
    return tuple(name for name in found.covered.shared if name not in found.asked)


def _same_person(session: HeldSession, identified: Identified) -> bool:
    return session.session.person.account_secret == identified.person.account_secret
