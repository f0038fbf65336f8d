"""Journeys as compact JSON under our own seal: one tag per state, every field spelled out.

Invariant: what is read back equals what was written; a tag or shape that nobody here writes raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from broker.journeys.journey import (
    Cancelled,
    Completed,
    Expired,
    Failed,
    Identified,
    Journey,
    MovedOn,
    ProviderChosen,
    SignIn,
    Started,
    Tried,
)
from broker.oidc.authorization_request import AuthorizationRequest
from broker.outcomes import Outcome
from broker.person import Person


def journey_to_json(journey: Journey | MovedOn) -> list[Any]:  # noqa: PLR0911  # one line for each state
    """Tag first, then the sign-in, then what the state adds. An `Agreed` never rests: its step completes it."""
    match journey:
        case Started():
            return ["started", _sign_in_to_json(journey.sign_in)]
        case ProviderChosen():
            return [
                "provider_chosen",
                _sign_in_to_json(journey.sign_in),
                journey.provider,
                journey.state,
                journey.redirect_url,
                dict(journey.pending),
                _seconds(journey.departed_at),
            ]
        case Identified():
            return [
                "identified",
                _sign_in_to_json(journey.sign_in),
                journey.person.to_json(),
                journey.acr,
                journey.answered_state,
            ]
        case Completed():
            return ["completed", _sign_in_to_json(journey.sign_in), _seconds(journey.code_expires_at)]
        case Failed():
            return ["failed", _sign_in_to_json(journey.sign_in), journey.outcome, journey.provider]
        case Cancelled():
            return ["cancelled", _sign_in_to_json(journey.sign_in), journey.outcome]
        case Expired():
            return ["expired", _sign_in_to_json(journey.sign_in)]
        case MovedOn():
            return ["moved_on", journey.reference, journey.way_back]
        case _:
            message = f"a journey does not rest as {type(journey).__name__}"
            raise TypeError(message)


def journey_from_json(body: list[Any]) -> Journey | MovedOn:
    """Read what `journey_to_json` wrote."""
    tag, *fields = body
    return _READERS[tag](*fields)


def _provider_chosen(  # the fields of one state
    sign_in: list[Any],
    provider: str,
    state: str,
    redirect_url: str,
    pending: dict[str, str],
    departed_at: int,
) -> ProviderChosen:
    return ProviderChosen(
        sign_in=_sign_in_from_json(sign_in),
        provider=provider,
        state=state,
        redirect_url=redirect_url,
        pending=pending,
        departed_at=_time(departed_at),
    )


def _identified(sign_in: list[Any], person: list[Any], acr: str, answered_state: str | None) -> Identified:
    return Identified(
        sign_in=_sign_in_from_json(sign_in),
        person=Person.from_json(person),
        acr=acr,
        answered_state=answered_state,
    )


_READERS: Mapping[str, Callable[..., Journey | MovedOn]] = {
    "started": lambda sign_in: Started(sign_in=_sign_in_from_json(sign_in)),
    "provider_chosen": _provider_chosen,
    "identified": _identified,
    "completed": lambda sign_in, code_expires_at: Completed(
        sign_in=_sign_in_from_json(sign_in), code_expires_at=_time(code_expires_at)
    ),
    "failed": lambda sign_in, outcome, provider: Failed(
        sign_in=_sign_in_from_json(sign_in), outcome=Outcome(outcome), provider=provider
    ),
    "cancelled": lambda sign_in, outcome: Cancelled(
        sign_in=_sign_in_from_json(sign_in), outcome=Outcome(outcome)
    ),
    "expired": lambda sign_in: Expired(sign_in=_sign_in_from_json(sign_in)),
    "moved_on": lambda reference, way_back: MovedOn(reference=reference, way_back=way_back),
}


def _sign_in_to_json(sign_in: SignIn) -> list[Any]:
    return [
        sign_in.reference,
        sign_in.request.to_json(),
        sign_in.language,
        _seconds(sign_in.started_at),
        sign_in.hinted_subject,
        sign_in.departures,
        [[tried.provider, tried.outcome] for tried in sign_in.tried],
    ]


def _sign_in_from_json(body: list[Any]) -> SignIn:
    reference, request, language, started_at, hinted_subject, departures, tried = body
    return SignIn(
        reference=reference,
        request=AuthorizationRequest.from_json(request),
        language=language,
        started_at=_time(started_at),
        hinted_subject=hinted_subject,
        departures=departures,
        tried=tuple(Tried(provider=provider, outcome=Outcome(outcome)) for provider, outcome in tried),
    )


def _seconds(time: datetime) -> int:
    return int(time.timestamp())


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
