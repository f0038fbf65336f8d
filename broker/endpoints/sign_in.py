"""The citizen's steps in a journey: choose a provider, decide, try another, go back to the service.

Invariant: a page shows only where the journey stands; asking for another step's page leads to the right one. Every
form carries this journey's token; what a form says is never more than a choice among what the hub worked out.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from broker.endpoints.answers import Front, failure_page, language_of_request, notice_page, redirect
from broker.endpoints.browser import ForeignFormError, OutdatedFormError, check_own_form
from broker.endpoints.journey_pages import (
    FORM,
    agreement_page,
    finished_page,
    picker_page,
    problem_page,
)
from broker.endpoints.landing import code_is_unspent, land_held, step_address
from broker.hub import Membership
from broker.journeys.deciding import Answer, NoticeChangedError, decide
from broker.journeys.journey import (
    Cancelled,
    Completed,
    Expired,
    Failed,
    Identified,
    MovedOn,
    ProviderChosen,
    Started,
)
from broker.journeys.reference import REFERENCE
from broker.journeys.sign_in import ProviderNotOfferedError, WrongStepError, cancel, choose, expire, reopen
from broker.journeys.store import Held, load
from broker.limits.limiter import Endpoint
from broker.outcomes import Outcome
from broker.pages.language import choose_language
from broker.pages.standing import Standing
from broker.pages.views import NoticeView
from broker.sessions import find_session
from broker.state.store import StaleVersionError
from consent.errors import ConsentConflictError
from consent.model import Decision

LARGEST_FORM = 16 * 1024
"""Bytes: a choice, or the ticks of an agreement."""

ENOUGH_DEPARTURES = 5
"""How often a journey may leave for a provider before more of it is counted: each time writes to the audit log."""

Step = Callable[[Membership, Held], Response]

ATTEMPTS = 3
"""How often a step is taken again when another request moved the journey meanwhile."""


def create_sign_in_door(front: Front) -> Blueprint:  # one line per route
    """Every page and form under `/sign-in/<reference>`."""
    door = Blueprint("sign_in", __name__, url_prefix="/sign-in/<reference>")

    @door.before_request
    def keep_forms_small() -> None:
        request.max_content_length = LARGEST_FORM

    @door.get("")
    def stand(reference: str) -> Response:
        return _held(front, reference, lambda membership, held: _stand(front, membership, held))

    @door.get("/provider")
    def show_picker(reference: str) -> Response:
        return _held(front, reference, lambda membership, held: _show_picker(front, membership, held))

    @door.post("/provider")
    def choose_provider(reference: str) -> Response:
        return _form(front, reference, lambda membership, held: _choose(front, membership, held))

    @door.post("/cancel")
    def back_to_service(reference: str) -> Response:
        return _form(
            front, reference, lambda _m, held: land_held(front, cancel(front.hub, held, front.hub.clock()))
        )

    @door.post("/another")
    def try_another(reference: str) -> Response:
        return _form(
            front, reference, lambda _m, held: land_held(front, reopen(front.hub, held, front.hub.clock()))
        )

    @door.get("/agree")
    def show_agreement(reference: str) -> Response:
        return _held(front, reference, lambda membership, held: _show_agreement(front, membership, held))

    @door.post("/agree")
    def agree_or_refuse(reference: str) -> Response:
        return _form(front, reference, lambda membership, held: _decide(front, membership, held))

    @door.get("/problem")
    def show_problem(reference: str) -> Response:
        return _held(front, reference, lambda membership, held: _show_problem(front, membership, held))

    return door


def _held(front: Front, reference: str, step: Step) -> Response:
    """Load the journey that this browser holds and take one step from where it stands.

    A step that another request overtook is taken again from where that left the journey: a second click then finds
    the first one's result and repeats its answer.
    """
    for _ in range(ATTEMPTS):
        held = _load(front, reference)
        if isinstance(held, Response):
            return held
        try:
            return step(front.hub.registry.current(), _expired(front, held))
        except (StaleVersionError, ConsentConflictError):
            continue
        except WrongStepError:
            break
    return redirect(f"/sign-in/{reference}")


def _load(front: Front, reference: str) -> Held | Response:
    known = reference if REFERENCE.fullmatch(reference) else None
    handle = None if known is None else front.cookies.journey(request, known)
    if handle is None:
        return failure_page(front, Outcome.EXPIRED, status=410, reference=known)
    with front.hub.reading() as reads:
        held = load(reads, front.hub, handle, front.hub.clock())
    if held is None:
        return failure_page(front, Outcome.EXPIRED, status=410, reference=known)
    if isinstance(held, MovedOn):
        view = NoticeView(subject=Standing.ALREADY_USED, service=None, continue_url=held.way_back)
        return notice_page(front, view, reference=held.reference)
    if held.journey.sign_in.request.client_id not in front.hub.registry.current().federation.services:
        return failure_page(front, Outcome.SERVICE_REQUEST_INVALID, status=410, reference=known)
    return held


def _expired(front: Front, held: Held) -> Held:
    if isinstance(held.journey, Expired) and held.overdue:
        return expire(front.hub, held, held.journey, front.hub.clock())
    return held


def _form(front: Front, reference: str, step: Step) -> Response:
    def checked(membership: Membership, held: Held) -> Response:
        check_own_form(request, front.hub.issuer, held.handle, FORM)
        return step(membership, held)

    try:
        return _held(front, reference, checked)
    except OutdatedFormError:
        view = NoticeView(subject=Standing.MOVED_ON, service=None, continue_url=f"/sign-in/{reference}")
        return notice_page(front, view, reference=reference, status=403)
    except ForeignFormError:
        known = reference if REFERENCE.fullmatch(reference) else None
        return failure_page(front, Outcome.HUB_ERROR, status=403, reference=known)


def _stand(front: Front, membership: Membership, held: Held) -> Response:
    journey = held.journey
    if isinstance(journey, Completed | Cancelled):
        return finished_page(front, membership, journey)
    return redirect(step_address(journey, journey.sign_in.reference))


def _show_picker(front: Front, membership: Membership, held: Held) -> Response:
    if isinstance(held.journey, Started | ProviderChosen):
        return picker_page(front, membership, held, held.journey.sign_in)
    return _stand(front, membership, held)


def _choose(front: Front, membership: Membership, held: Held) -> Response:
    if held.journey.sign_in.departures >= ENOUGH_DEPARTURES:
        front.hub.limits.count_refusal(Endpoint.CHOICE, request.environ)
    provider = request.form.get("provider", "")
    try:
        chosen = choose(
            front.hub, membership, held, provider, language=language_of_request(), now=front.hub.clock()
        )
    except ProviderNotOfferedError:
        return picker_page(front, membership, held, held.journey.sign_in, status=400)
    return land_held(front, chosen, departing=True)


def _show_agreement(front: Front, membership: Membership, held: Held) -> Response:
    if isinstance(held.journey, Identified):
        return agreement_page(front, membership, held, held.journey)
    return _stand(front, membership, held)


def _decide(front: Front, membership: Membership, held: Held) -> Response:
    if isinstance(held.journey, Completed | Cancelled):
        return _repeat(front, membership, held)
    if not isinstance(held.journey, Identified):
        return _stand(front, membership, held)
    now = front.hub.clock()
    with front.hub.reading() as reads:
        session = find_session(reads, front.hub.envelopes, front.cookies.session(request), now)
    decision = {"allow": Decision.AGREED, "refuse": Decision.REFUSED}.get(request.form.get("decision", ""))
    if decision is None:
        return agreement_page(front, membership, held, held.journey, status=400)
    answer = Answer(
        decision=decision,
        ticked=frozenset(request.form.getlist("share")),
        notice_digest=request.form.get("notice", ""),
        language=choose_language(switch=request.form.get("language")),
    )
    try:
        return land_held(front, decide(front.hub, membership, held, answer, session, now))
    except NoticeChangedError:
        return agreement_page(front, membership, held, held.journey, status=409)


def _repeat(front: Front, membership: Membership, held: Held) -> Response:
    """A second click on the agreement: the same answer while it can still be used, else the closing page."""
    journey = held.journey
    if isinstance(journey, Completed) and not code_is_unspent(front, journey, held.handle):
        return finished_page(front, membership, journey)
    return land_held(front, held)


def _show_problem(front: Front, membership: Membership, held: Held) -> Response:
    if isinstance(held.journey, Failed | Expired):
        return problem_page(front, membership, held, held.journey)
    return _stand(front, membership, held)
