"""A provider's answer comes in: claim the journey, talk to the provider, judge the answer, settle what may leave.

Invariant: the journey is claimed before the provider is called, so one answer is taken once; nothing external
happens inside a transaction; whatever the answer, the journey moves and the audit trail says why.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from audit.entry import Commitment
from broker import events
from broker.accounts.keeping import is_due, keep_account
from broker.accounts.opening import open_account
from broker.hub import Hub, Membership
from broker.journeys.journey import Failed, MovedOn, ProviderChosen
from broker.journeys.judgement import (
    Accepted,
    Refused,
    is_expected_person,
    judge,
    names_a_person,
    refused_event,
)
from broker.journeys.settling import Settled, settle
from broker.journeys.store import Held, claim, create, leave_behind, save
from broker.outcomes import Outcome
from broker.person import Person
from broker.routing import may_return_here, may_sign_in
from broker.sessions import HeldSession, HubSession
from broker.state.handles import Handle
from idp_adapters.contract import ProviderAnswer
from idp_adapters.errors import (
    IdentityNotProvedError,
    IdentityProviderError,
    LevelNotReachedError,
    ProviderBusyError,
    ProviderUnavailableError,
    SignInCancelledError,
)

_SALT_BYTES = 16
_OUTCOMES: Final = (
    (SignInCancelledError, Outcome.CANCELLED_BY_CITIZEN),
    (IdentityNotProvedError, Outcome.IDENTITY_NOT_PROVED),
    (LevelNotReachedError, Outcome.LEVEL_NOT_REACHED),
    (ProviderBusyError, Outcome.PROVIDER_BUSY),
    (ProviderUnavailableError, Outcome.PROVIDER_UNAVAILABLE),
)
_CLOSING: Final = Refused(outcome=Outcome.PROVIDER_SUSPENDED, reason="closing")
_DIFFERENT_PERSON: Final = Refused(outcome=Outcome.DIFFERENT_PERSON, reason="different_person")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A browser that returned: the journey that it holds, its older session if any, and the answer it carries."""

    held: Held
    chosen: ProviderChosen
    answer: ProviderAnswer
    session: HeldSession | None


class _RefusedAfterAllError(Exception):
    """The identity is in order, but not for this journey: what was begun for it is taken back."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason)
        self.refused = refused


def receive_identity(hub: Hub, membership: Membership, arrival: Arrival, now: datetime) -> Settled:
    """Take a provider's answer once; raises `StaleVersionError` while another request is taking it."""
    with hub.work() as work:
        claim(work, arrival.held, now)
    chosen = arrival.chosen
    adapter = membership.adapters.get(chosen.provider)
    provider = membership.federation.providers.get(chosen.provider)
    if adapter is None or provider is None or not may_return_here(provider, now):
        return _fail(hub, arrival, Refused(outcome=Outcome.PROVIDER_SUSPENDED, reason="left"), hub.clock())
    try:
        identity = adapter.finish(arrival.answer, chosen.pending, hub.clock())
    except IdentityProviderError as error:
        return _fail(hub, arrival, Refused(outcome=_outcome(error), reason=error.reason), hub.clock())
    now = hub.clock()
    judgement = judge(membership.federation, chosen, identity, now)
    if isinstance(judgement, Refused):
        return _fail(hub, arrival, judgement, now)
    try:
        return _accept(hub, membership, arrival, judgement, now)
    except _RefusedAfterAllError as error:
        return _fail(hub, arrival, error.refused, now)


def _accept(hub: Hub, membership: Membership, arrival: Arrival, accepted: Accepted, now: datetime) -> Settled:
    chosen, identity, vector = arrival.chosen, accepted.identity, accepted.vector
    service = membership.federation.services[chosen.sign_in.request.client_id]
    # Whom a request names has an account: a newcomer is somebody else, and gets none by being refused.
    somebody_is_meant = names_a_person(chosen.sign_in.request, chosen.sign_in.hinted_subject)
    handle = Handle.new()
    with hub.work() as work:
        # First, so that the journey is this request's for as long as the work takes.
        moved = MovedOn(reference=chosen.sign_in.reference, way_back=chosen.sign_in.way_back)
        leave_behind(work, hub, arrival.held, moved, now)
        # The session that this browser held before ends. Journey, session, consent: every step locks in this order,
        # so that no two of one person's tabs wait for each other.
        if arrival.session is not None:
            work.writes.delete(arrival.session.handle.key)
        opened = open_account(
            work.connection,
            hub.link_keys,
            identity.provider,
            identity.subject,
            now,
            may_be_new=not somebody_is_meant
            and may_sign_in(membership.federation.providers[chosen.provider], known=False),
        )
        if opened is None:
            raise _RefusedAfterAllError(_DIFFERENT_PERSON if somebody_is_meant else _CLOSING)
        subject = hub.subjects.subject(opened.account, service.sector)
        if not is_expected_person(chosen.sign_in.request, chosen.sign_in.hinted_subject, subject):
            raise _RefusedAfterAllError(_DIFFERENT_PERSON)
        person = Person(identity=identity, vector=vector, account_secret=opened.account.secret)
        work.journal(
            events.IdentityReceived(
                journey=chosen.sign_in.reference,
                provider=identity.provider,
                asserted=accepted.asserted,
                effective=str(vector.level),
                certificate=accepted.certificate,
                assertion=_committed(identity.assertion_digest),
            ),
            events.AccountOpened(
                journey=chosen.sign_in.reference,
                account=_committed(opened.account.secret),
                new=opened.link.new,
            ),
            at=now,
        )
        session = HubSession.new(person, now) if service.shared_session else None
        settled = settle(
            work,
            hub,
            membership,
            chosen.receive(person, accepted.acr),
            handle=handle,
            session=session,
            now=now,
        )
        create(work, hub, handle, settled.journey)
        settled = settled.with_new_session(work, hub, now)
    if is_due(opened.link, now):
        with hub.work() as work:
            keep_account(work.connection, opened.link, now)
    return settled


def _fail(hub: Hub, arrival: Arrival, refused: Refused, now: datetime) -> Settled:
    chosen = arrival.chosen
    entry = refused_event(chosen.sign_in, chosen.provider, refused)
    failed: Failed = chosen.fail(refused.outcome)
    with hub.work() as work:
        save(work, hub, arrival.held, failed)
        work.journal(entry, at=now)
    return Settled(journey=failed, handle=arrival.held.handle)


def _outcome(error: IdentityProviderError) -> Outcome:
    return next((outcome for kind, outcome in _OUTCOMES if isinstance(error, kind)), Outcome.PROVIDER_ERROR)


def _committed(value: bytes) -> Commitment:
    return Commitment.salted(value, secrets.token_bytes(_SALT_BYTES))
