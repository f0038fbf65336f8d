"""The states of a sign-in: only the moves that a state has, nothing of a person after the end, and a life of hours."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.assurance import normalise
from broker.journeys.codec import journey_from_json, journey_to_json
from broker.journeys.journey import (
    JOURNEY_LIFE,
    Cancelled,
    Expired,
    Failed,
    Identified,
    Journey,
    MovedOn,
    ProviderChosen,
    SignIn,
    Started,
    at,
)
from broker.journeys.reference import REFERENCE, new_reference
from broker.oidc.authorization_request import AuthorizationRequest
from broker.outcomes import Outcome
from broker.person import Person
from tests.broker.builders import NOW, REDIRECT_URI, a_provider, an_identity

REQUEST = AuthorizationRequest(
    client_id="fishing-licence", redirect_uri=REDIRECT_URI, scope=("openid", "attributes"), state="s"
)
SIGN_IN = SignIn(reference="0000-AAAA-ZZZZ", request=REQUEST, language="cy", started_at=NOW)
PERSON = Person(
    identity=an_identity(), vector=normalise(an_identity(), a_provider(), NOW), account_secret=b"s" * 32
)
STARTED = Started(sign_in=SIGN_IN)
CHOSEN = STARTED.choose(
    "northgate", state="x", redirect_url="https://n.example/a", pending={"n": "1"}, now=NOW
)
IDENTIFIED = CHOSEN.receive(PERSON, "urn:countersign:level:medium.medium")
AGREED = IDENTIFIED.agree(consent_id=b"c" * 16, consent_sequence=3, shared=("name",))
COMPLETED = AGREED.complete(code_expires_at=NOW + timedelta(seconds=60))
RESTING: tuple[Journey | MovedOn, ...] = (
    STARTED,
    CHOSEN,
    IDENTIFIED,
    COMPLETED,
    CHOSEN.fail(Outcome.PROVIDER_ERROR),
    STARTED.cancel(),
    Expired(sign_in=SIGN_IN),
    MovedOn(reference="0000-AAAA-ZZZZ", way_back="https://rivers.example/"),
)

MOVES = {
    Started: {"choose", "resume", "fail", "fail_at", "cancel"},
    ProviderChosen: {"receive", "fail", "reopen", "cancel"},
    Identified: {"agree", "refuse", "fail", "reopen"},
    type(AGREED): {"complete"},
    type(COMPLETED): set(),
    Failed: {"reopen", "cancel"},
    Cancelled: set(),
    Expired: set(),
}


@pytest.mark.parametrize("state", MOVES, ids=lambda state: state.__name__)
def test_a_js_05_a_state_has_exactly_the_moves_that_lead_on_from_it(state: type) -> None:
    methods = {name for name, value in vars(state).items() if callable(value) and not name.startswith("_")}

    assert methods == MOVES[state]


@pytest.mark.parametrize("journey", RESTING, ids=lambda journey: type(journey).__name__)
def test_a_journey_reads_back_as_it_was_written(journey: Journey | MovedOn) -> None:
    written = json.loads(json.dumps(journey_to_json(journey)))

    assert journey_from_json(written) == journey


def test_an_agreed_journey_never_rests() -> None:
    with pytest.raises(TypeError):
        journey_to_json(AGREED)


@pytest.mark.parametrize("written", [["unknown"], ["started"], ["completed", 1], []])
def test_what_nobody_here_writes_is_not_read(written: list[object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        journey_from_json(written)


def test_nothing_of_the_person_is_left_when_a_journey_has_ended() -> None:
    for ended in (COMPLETED, IDENTIFIED.refuse(), Expired(sign_in=IDENTIFIED.sign_in), IDENTIFIED.reopen()):
        written = json.dumps(journey_to_json(ended))
        assert PERSON.account_secret.hex() not in written
        for value in ("Ann", "ann@mail.example", "upstream-subject", "1990-02-28"):
            assert value not in written


def test_states_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        STARTED.sign_in = SIGN_IN  # type: ignore[misc]


@pytest.mark.parametrize(
    ("journey", "expires"),
    [
        (STARTED, True),
        (CHOSEN, True),
        (IDENTIFIED, True),
        (CHOSEN.fail(Outcome.PROVIDER_ERROR), True),
        (COMPLETED, False),
        (STARTED.cancel(), False),
    ],
)
def test_an_open_journey_expires_at_the_very_second_and_an_ended_one_never(
    journey: Journey,
    expires: bool,  # noqa: FBT001  # parametrised
) -> None:
    end = NOW + JOURNEY_LIFE

    assert at(journey, end - timedelta(seconds=1)) is journey
    assert isinstance(at(journey, end), Expired) is expires


def test_every_provider_that_was_tried_is_remembered_with_its_outcome() -> None:
    failed = CHOSEN.fail(Outcome.IDENTITY_NOT_PROVED)
    again = failed.reopen().choose(
        "harbour", state="y", redirect_url="https://h.example", pending={}, now=NOW
    )
    failed_twice = again.fail(Outcome.PROVIDER_UNAVAILABLE)

    assert [(tried.provider, tried.outcome) for tried in failed_twice.sign_in.tried] == [
        ("northgate", Outcome.IDENTITY_NOT_PROVED),
        ("harbour", Outcome.PROVIDER_UNAVAILABLE),
    ]
    assert failed_twice.sign_in.departures == 2


def test_leaving_after_a_failure_keeps_the_failures_outcome() -> None:
    assert CHOSEN.fail(Outcome.LEVEL_NOT_REACHED).cancel().outcome is Outcome.LEVEL_NOT_REACHED
    assert CHOSEN.cancel().outcome is Outcome.CANCELLED_BY_CITIZEN
    assert IDENTIFIED.refuse().outcome is Outcome.REFUSED_BY_CITIZEN


@given(st.integers(0, 100_000))
def test_how_old_a_sign_in_may_be_follows_from_the_request(max_age: int) -> None:
    departed, now = NOW, NOW + timedelta(minutes=3)
    plain = SIGN_IN.signed_in_since(departed, now)
    aged = replace(SIGN_IN, request=replace(REQUEST, max_age=max_age)).signed_in_since(departed, now)
    forced = replace(SIGN_IN, request=replace(REQUEST, prompt=frozenset({"login"})))

    assert plain is None
    assert aged == min(departed, now - timedelta(seconds=max_age))
    assert forced.signed_in_since(departed, now) == departed
    assert forced.must_be_fresh


def test_the_way_back_is_the_services_own_front_page() -> None:
    assert SIGN_IN.way_back == "https://rivers.example/"


def test_references_are_readable_distinct_and_say_nothing() -> None:
    made = {new_reference() for _ in range(2000)}

    assert len(made) == 2000
    assert all(REFERENCE.fullmatch(reference) for reference in made)
    assert not {"I", "L", "O", "U"} & set("".join(made))
