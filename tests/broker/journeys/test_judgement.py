"""Is an identity good enough: never above what it is worth, never staler than asked, never somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.assurance import normalise
from broker.journeys.departure_state import is_departure_of, new_departure_state
from broker.journeys.journey import ProviderChosen, SignIn, Started
from broker.journeys.judgement import Accepted, Refused, is_expected_person, judge, judge_session
from broker.oidc.authorization_request import AuthorizationRequest
from broker.oidc.claims_request import parse_claims_request
from broker.outcomes import Outcome
from broker.person import Person
from broker.state.handles import Handle
from idp_adapters.identity import ClaimedAssurance, VerifiedIdentity
from tests.broker.builders import (
    HIGH,
    LOW,
    MEDIUM,
    NOW,
    REDIRECT_URI,
    a_federation,
    a_provider,
    a_service,
    an_identity,
)

REQUEST = AuthorizationRequest(
    client_id="fishing-licence", redirect_uri=REDIRECT_URI, scope=("openid", "attributes")
)
FEDERATION = a_federation()


def chosen(request: AuthorizationRequest = REQUEST) -> ProviderChosen:
    sign_in = SignIn(reference="0000-AAAA-ZZZZ", request=request, language="en", started_at=NOW)
    return Started(sign_in=sign_in).choose(
        "northgate", state="x", redirect_url="https://n.example", pending={}, now=NOW
    )


def asserting(level: str | None, **differences: object) -> VerifiedIdentity:
    return an_identity(
        assurance=ClaimedAssurance(value=level, found_in="id_token.acr"),
        **{"authenticated_at": NOW, **differences},
    )


def person(identity: VerifiedIdentity) -> Person:
    return Person(identity=identity, vector=normalise(identity, a_provider(), NOW), account_secret=b"s" * 32)


@pytest.mark.parametrize(
    ("level", "outcome"),
    [
        (HIGH, None),
        (MEDIUM, None),
        (LOW, Outcome.LEVEL_NOT_REACHED),
        (None, Outcome.IDENTITY_NOT_PROVED),
        ("urn:example:northgate:very-high", Outcome.IDENTITY_NOT_PROVED),
        (f"{MEDIUM} ", Outcome.IDENTITY_NOT_PROVED),
        (MEDIUM.upper(), Outcome.IDENTITY_NOT_PROVED),
    ],
)
def test_a_as_02_and_05_a_level_counts_as_registered_or_not_at_all(
    level: str | None, outcome: Outcome | None
) -> None:
    judged = judge(FEDERATION, chosen(), asserting(level), NOW)

    if outcome is None:
        assert isinstance(judged, Accepted)
    else:
        assert isinstance(judged, Refused)
        assert judged.outcome is outcome
        # A value that nobody registered is the provider's own text, and stays out of the audit trail.
        assert judged.asserted in {LOW, "unknown"}


@given(st.integers(-20_000, 20_000), st.integers(1, 10_000))
def test_a_as_04_a_sign_in_is_accepted_only_when_no_older_than_asked(age: int, max_age: int) -> None:
    judged = judge(
        FEDERATION,
        chosen(replace(REQUEST, max_age=max_age)),
        asserting(MEDIUM, authenticated_at=NOW - timedelta(seconds=age)),
        NOW,
    )

    assert isinstance(judged, Accepted) is (-10 <= age <= max_age + 10)
    if isinstance(judged, Refused):
        assert judged.reason in {"stale_sign_in", "level"}


def test_a_as_04_without_its_time_a_sign_in_is_not_fresh() -> None:
    identity = asserting(MEDIUM, authenticated_at=None)

    assert isinstance(judge(FEDERATION, chosen(), identity, NOW), Accepted)
    for request in (replace(REQUEST, max_age=60), replace(REQUEST, prompt=frozenset({"login"}))):
        judged = judge(FEDERATION, chosen(request), identity, NOW)
        assert isinstance(judged, Refused)
        assert judged.reason == "stale_sign_in"


def test_a_session_is_judged_as_if_it_came_now() -> None:
    service = FEDERATION.services["fishing-licence"]
    held = person(asserting(MEDIUM))

    assert judge_session(FEDERATION, service, REQUEST, held, NOW) is not None
    much_later = NOW + timedelta(days=365)
    assert judge_session(FEDERATION, service, REQUEST, held, much_later) is None
    picky = a_service(providers={"allow": ["other"], "deny": []})
    assert judge_session(FEDERATION, picky, REQUEST, held, NOW) is None
    demanding = a_service(assurance={"minimum": "high.high"})
    assert judge_session(FEDERATION, demanding, REQUEST, held, NOW) is None
    elsewhere = a_federation(a_service(), a_provider(id="another"))
    assert judge_session(elsewhere, service, REQUEST, held, NOW) is None


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_max_age_means_what_it_says_for_a_session(age: int, max_age: int) -> None:
    held = person(asserting(MEDIUM, authenticated_at=NOW - timedelta(seconds=age)))
    request = replace(REQUEST, max_age=max_age)

    judged = judge_session(FEDERATION, FEDERATION.services["fishing-licence"], request, held, NOW)

    assert (judged is not None) is (age <= max_age)


def test_a_as_01_a_certificate_that_ended_leaves_nothing() -> None:
    yesterday = (NOW - timedelta(days=1)).date()
    ended = a_federation(a_service(), a_provider(certification=certified_until(yesterday)))

    judged = judge(ended, chosen(), asserting(HIGH), NOW)

    assert isinstance(judged, Refused)
    assert judged.outcome is Outcome.IDENTITY_NOT_PROVED
    assert judged.effective == "none.none"


def certified_until(day: date) -> dict[str, object]:
    return {"self_declared": True, "not_after": day.isoformat()}


@pytest.mark.parametrize(
    ("claims", "hinted", "subject", "expected"),
    [
        (None, None, "anybody", True),
        (None, "me", "me", True),
        (None, "me", "you", False),
        ('{"id_token":{"sub":{"value":"me"}}}', None, "me", True),
        ('{"id_token":{"sub":{"value":"me"}}}', None, "you", False),
        ('{"id_token":{"sub":{"values":["me","you"]}}}', None, "you", True),
        ('{"id_token":{"sub":{"value":"me"}}}', "you", "me", False),
        ('{"id_token":{"sub":{"value":17}}}', None, "17", False),
        ('{"userinfo":{"sub":{"value":"me"}}}', None, "you", True),
    ],
)
def test_a_request_for_one_person_admits_nobody_else(
    claims: str | None,
    hinted: str | None,
    subject: str,
    expected: bool,  # noqa: FBT001  # parametrised
) -> None:
    request = replace(REQUEST, claims=parse_claims_request(claims))

    assert is_expected_person(request, hinted, subject) is expected


def test_a_uo_02_a_departure_belongs_to_one_handle_and_each_is_new() -> None:
    handle, other = Handle.new(), Handle.new()
    states = {new_departure_state(handle) for _ in range(100)}

    assert len(states) == 100
    assert all(is_departure_of(handle, state) for state in states)
    assert not any(is_departure_of(other, state) for state in states)


@given(st.text(max_size=80))
def test_a_uo_02_no_guess_is_a_departure(guess: str) -> None:
    assert not is_departure_of(Handle.new(), guess)
