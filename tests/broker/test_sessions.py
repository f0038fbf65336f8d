"""The hub session: half an hour idle, eight hours at most, and a session id that no two services can compare."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from broker.assurance import normalise
from broker.person import Person
from broker.sessions import IDLE_LIFE, LONGEST_LIFE, HubSession
from tests.broker.builders import NOW, a_provider, an_identity

PERSON = Person(
    identity=an_identity(), vector=normalise(an_identity(), a_provider(), NOW), account_secret=b"s" * 32
)
seconds = st.integers(0, int(LONGEST_LIFE.total_seconds()))
services = st.text(min_size=1, max_size=30)


@given(seconds)
def test_a_session_never_outlives_half_an_hour_without_use_nor_eight_hours(used_after: int) -> None:
    session = HubSession.new(PERSON, NOW)
    used_at = NOW + timedelta(seconds=used_after)

    assert session.ends_at(used_at) <= used_at + IDLE_LIFE
    assert session.ends_at(used_at) <= NOW + LONGEST_LIFE


def test_use_moves_the_end_until_the_longest_life_is_reached() -> None:
    session = HubSession.new(PERSON, NOW)

    assert session.ends_at(NOW) == NOW + timedelta(minutes=30)
    assert session.ends_at(NOW + timedelta(minutes=29)) == NOW + timedelta(minutes=59)
    assert session.ends_at(NOW + timedelta(hours=7, minutes=45)) == NOW + timedelta(hours=8)


@given(services, services)
def test_two_services_know_a_session_by_ids_that_they_cannot_compare(service: str, other: str) -> None:
    assume(service != other)
    session = HubSession.new(PERSON, NOW)

    assert session.sid(service) == session.sid(service)
    assert session.sid(service) != session.sid(other)
    assert session.sid(service) != HubSession.new(PERSON, NOW).sid(service)


@given(st.lists(services))
def test_a_session_remembers_each_service_once_in_order(visited: list[str]) -> None:
    session = HubSession.new(PERSON, NOW)
    for service in visited:
        session = session.joined(service)

    assert session.services == tuple(dict.fromkeys(visited))


@pytest.mark.parametrize("authenticated_at", [None, datetime(2026, 5, 14, 9, 29, tzinfo=UTC)])
def test_a_session_reads_back_as_it_was(authenticated_at: datetime | None) -> None:
    identity = an_identity(authenticated_at=authenticated_at, methods=("pwd", "otp"), provider_session="s1")
    person = Person(
        identity=identity, vector=normalise(identity, a_provider(), NOW), account_secret=b"\x00\xff" * 16
    )
    session = HubSession.new(person, NOW).joined("fishing-licence").joined("library-card")

    assert HubSession.from_json(session.to_json()) == session


def test_a_persons_secret_is_not_shown_by_accident() -> None:
    assert PERSON.account_secret.hex() not in repr(PERSON)
    assert repr(PERSON.account_secret) not in repr(PERSON)
