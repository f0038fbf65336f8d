"""A hub session may be enough: silent sign-in, and single sign-on with an agreement where one is needed.

Invariant: a session stands in for a provider only while its sign-in would be accepted if it came now: certified,
high enough, fresh enough, the right person. It asserts the time of the real sign-in.
"""

from __future__ import annotations

from datetime import datetime

from broker import events
from broker.accounts.account import Account
from broker.hub import Hub, Work
from broker.journeys.journey import Completed, Started
from broker.journeys.judgement import Accepted, is_expected_person, judge_session
from broker.journeys.settling import Settled, settle
from broker.journeys.sign_in import Asking, new_sign_in, started_event
from broker.journeys.store import create
from broker.oidc.errors import ConsentRequiredError
from broker.sessions import HeldSession, hold_session, store_used_session
from broker.state.handles import Handle
from broker.state.store import StaleVersionError


def usable_session(hub: Hub, asking: Asking, session: HeldSession | None) -> Accepted | None:
    """What the session is worth for this request, or None when a provider must be asked."""
    request = asking.request
    if session is None or not asking.service.shared_session:
        return None
    if request.wants_new_sign_in or "select_account" in request.prompt:
        return None
    person = session.session.person
    subject = hub.subjects.subject(Account(person.account_secret), asking.service.sector)
    if not is_expected_person(request, asking.hinted_subject, subject):
        return None
    return judge_session(asking.membership.federation, asking.service, request, person, asking.now)


def resume(hub: Hub, asking: Asking, session: HeldSession, accepted: Accepted) -> Settled:
    """Begin a journey with the session's person; raises `ConsentRequiredError` where a silent one would ask.

    Raises `StaleVersionError` when the session ended or was used by another tab at the same moment: look again.
    """
    sign_in = new_sign_in(asking)
    handle = Handle.new()
    identified = Started(sign_in=sign_in).resume(session.session.person, accepted.acr)
    with hub.work() as work:
        session = _as_it_is_now(work, hub, session, asking.now)
        work.journal(
            started_event(sign_in, asking.service),
            events.SessionUsed(
                journey=sign_in.reference,
                provider=session.session.person.identity.provider,
                effective=str(accepted.vector.level),
            ),
            at=asking.now,
        )
        settled = settle(
            work, hub, asking.membership, identified, handle=handle, session=session.session, now=asking.now
        )
        if asking.request.silent and not isinstance(settled.journey, Completed):
            raise ConsentRequiredError
        if not isinstance(settled.journey, Completed):
            create(work, hub, handle, settled.journey)
        store_used_session(
            work.writes, hub.envelopes, session, settled.session or session.session, asking.now
        )
    return settled


def _as_it_is_now(work: Work, hub: Hub, session: HeldSession, now: datetime) -> HeldSession:
    """The same session, held by the unit of work that relies on it: other tabs may have used it since."""
    current = hold_session(work.writes, hub.envelopes, session.handle, now)
    if current is None:
        raise StaleVersionError
    return current
