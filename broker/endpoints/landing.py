"""Where a browser goes next: the one place that turns a journey's state into an answer."""

from __future__ import annotations

from flask import Response, request

from broker.endpoints.answers import Front, error_address, redirect
from broker.grants import GrantState, grant_state
from broker.journeys.journey import (
    Cancelled,
    Completed,
    Expired,
    Failed,
    Identified,
    Journey,
    ProviderChosen,
    Started,
)
from broker.journeys.release import code_handle
from broker.journeys.settling import Settled
from broker.journeys.store import Held
from broker.oidc.authorization_response import success_url
from broker.state.handles import Handle


def step_address(journey: Journey, reference: str) -> str:
    """The page where a journey stands."""
    match journey:
        case Started() | ProviderChosen():
            return f"/sign-in/{reference}/provider"
        case Identified():
            return f"/sign-in/{reference}/agree"
        case Failed() | Expired():
            return f"/sign-in/{reference}/problem"
        case _:
            return f"/sign-in/{reference}"


def land(front: Front, journey: Journey, handle: Handle, *, departing: bool = False) -> Response:
    """Send the browser on: to the service with its answer, to a provider, or to the page of this step."""
    match journey:
        case Completed():
            return redirect(
                success_url(
                    journey.sign_in.request.return_address,
                    issuer=front.hub.issuer,
                    code=str(code_handle(handle)),
                )
            )
        case Cancelled():
            return redirect(error_address(front.hub, journey.sign_in, journey.outcome))
        case ProviderChosen() if departing:
            return redirect(journey.redirect_url)
        case _:
            return redirect(step_address(journey, journey.sign_in.reference))


def land_held(front: Front, held: Held, *, departing: bool = False) -> Response:
    """Send the browser on, holding this journey."""
    response = land(front, held.journey, held.handle, departing=departing)
    front.cookies.bind_journey(request, response, held.journey.sign_in.reference, held.handle)
    return response


def land_resumed(front: Front, settled: Settled, session: Handle) -> Response:
    """Send the browser on after its session was enough; a journey that is over already needs no cookie."""
    response = land(front, settled.journey, settled.handle)
    if not isinstance(settled.journey, Completed):
        front.cookies.bind_journey(request, response, settled.journey.sign_in.reference, settled.handle)
    front.cookies.bind_session(response, session)
    return response


def land_settled(front: Front, settled: Settled) -> Response:
    """Send the browser on after a provider answered, with its new handles."""
    response = land(front, settled.journey, settled.handle)
    front.cookies.bind_journey(request, response, settled.journey.sign_in.reference, settled.handle)
    if settled.session_handle is not None:
        front.cookies.bind_session(response, settled.session_handle)
    return response


def code_is_unspent(front: Front, completed: Completed, handle: Handle) -> bool:
    """Whether the same answer can still be given again."""
    if front.hub.clock() >= completed.code_expires_at:
        return False
    with front.hub.database.reading() as connection:
        return grant_state(connection, code_handle(handle).key) is GrantState.UNSPENT
