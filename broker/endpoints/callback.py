"""Where providers send the citizen back: one address per provider (attacks A-UO-01, A-UO-02, A-JS-02).

Invariant: nothing is fetched and nothing changes unless this browser holds the journey that made the `state`, that
journey left for exactly this provider, and it still waits for this departure's answer.
"""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request

from broker.endpoints.answers import Front, failure_page, notice_page, redirect
from broker.endpoints.landing import land_settled
from broker.journeys.departure_state import is_departure_of
from broker.journeys.journey import Identified, MovedOn, ProviderChosen
from broker.journeys.receiving import Arrival, receive_identity
from broker.journeys.store import Held, load
from broker.limits.limiter import Endpoint
from broker.oidc.errors import UnreadableParametersError
from broker.oidc.parameters import Parameters, parse_parameters
from broker.outcomes import Outcome
from broker.pages.standing import Standing
from broker.pages.views import NoticeView
from broker.sessions import find_session
from broker.state.store import StaleVersionError
from idp_adapters.contract import ProviderAnswer

_LOOK_AGAIN_SECONDS = 2
_log = logging.getLogger(__name__)


def create_callback_door(front: Front) -> Blueprint:
    """GET `/providers/<id>/callback`."""
    door = Blueprint("callback", __name__)

    @door.get("/providers/<provider>/callback")
    def receive(provider: str) -> Response:
        try:
            parameters = parse_parameters(request.query_string, None, None)
        except UnreadableParametersError:
            return failure_page(front, Outcome.PROVIDER_ERROR, status=400, reference=None)
        return _receive(front, provider, parameters)

    return door


def _receive(front: Front, provider: str, parameters: Parameters) -> Response:
    held = _departed(front, parameters.get("state") or "")
    if held is None:
        front.hub.limits.count_refusal(Endpoint.CALLBACK, request.environ)
        return failure_page(front, Outcome.EXPIRED, status=400, reference=None)
    if isinstance(held, MovedOn):
        return redirect(f"/sign-in/{held.reference}")
    journey = held.journey
    reference = journey.sign_in.reference
    waits_for_this = (
        isinstance(journey, ProviderChosen)
        and journey.state == parameters.get("state")
        and journey.provider == provider
    )
    if not isinstance(journey, ProviderChosen) or not waits_for_this or parameters.faults:
        _log.info("answer from %s not taken: the journey does not wait for it", provider[:64])
        return redirect(f"/sign-in/{reference}")
    now = front.hub.clock()
    with front.hub.reading() as reads:
        session = find_session(reads, front.hub.envelopes, front.cookies.session(request), now)
    arrival = Arrival(
        held=held, chosen=journey, answer=ProviderAnswer(parameters=parameters.values), session=session
    )
    try:
        settled = receive_identity(front.hub, front.hub.registry.current(), arrival, now)
    except StaleVersionError:
        return _waiting(front, reference)
    return land_settled(front, settled)


def _departed(front: Front, state: str) -> Held | MovedOn | None:
    """The journey in this browser that this answer belongs to: waiting for it, or moved on by it already."""
    now = front.hub.clock()
    journeys = front.cookies.journeys(request).values()
    with front.hub.reading() as reads:
        for handle in journeys:
            if is_departure_of(handle, state):
                return load(reads, front.hub, handle, now)
        for handle in journeys:  # a refresh, after the journey's handle was replaced
            held = load(reads, front.hub, handle, now)
            if isinstance(held, Held) and _answered(held, state):
                return held
    return None


def _answered(held: Held, state: str) -> bool:
    return isinstance(held.journey, Identified) and held.journey.answered_state == state


def _waiting(front: Front, reference: str) -> Response:
    """Look again at this same address: until the other request is done, the journey's own page is the picker."""
    view = NoticeView(
        subject=Standing.WAITING,
        service=None,
        continue_url=request.full_path,
        refresh_seconds=_LOOK_AGAIN_SECONDS,
    )
    return notice_page(front, view, reference=reference)
