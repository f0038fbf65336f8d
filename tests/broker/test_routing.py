"""Which providers may serve a journey."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from broker.assurance import RETURN_WINDOW, Requirement, required_levels
from broker.routing import (
    can_reach,
    eligible_providers,
    is_closing,
    levels_to_ask,
    may_return_here,
    may_sign_in,
    may_start_here,
)
from config.confidence import Level
from config.federation import Federation
from tests.broker.builders import HIGH, LOW, MEDIUM, NOW, a_federation, a_provider, a_service

MIDNIGHT = datetime(2026, 5, 15, tzinfo=UTC)
CLOSING_TODAY = a_provider(status="closing", until="2026-05-14")
LOW_ONLY = {"urn:low": {"level": "low.medium", "scheme": "gpg45/0.4"}}


def needed(
    *asked: str, minimum: str = "medium.medium", essential: tuple[str, ...] | None = None
) -> Requirement:
    service = a_service(assurance={"minimum": minimum})
    return required_levels(
        service,
        [f"urn:countersign:level:{level}" for level in asked],
        None if essential is None else [f"urn:countersign:level:{level}" for level in essential],
    )


def offered(federation: Federation, **differences: object) -> tuple[str, ...]:
    options: dict[str, object] = {"now": NOW} | differences
    service = next(iter(federation.services.values()))
    return tuple(it.id for it in eligible_providers(federation, service, needed(), **options))  # type: ignore[arg-type]


def three(**differences: object) -> Federation:
    return a_federation(a_service(**differences), *(a_provider(id=name) for name in ("aa", "bb", "cc")))


def test_every_provider_that_can_serve_is_offered_in_a_stable_order() -> None:
    assert set(offered(three())) == {"aa", "bb", "cc"}
    assert offered(three()) == offered(three())


def test_no_provider_comes_first_everywhere() -> None:
    services = [a_service(id=f"service-{number}") for number in range(20)]
    federation = a_federation(*services, *(a_provider(id=name) for name in ("aa", "bb", "cc")))
    firsts = {eligible_providers(federation, service, needed(), now=NOW)[0].id for service in services}
    assert firsts == {"aa", "bb", "cc"}


def test_a_hint_and_what_was_tried_only_order() -> None:
    for name in ("aa", "bb", "cc"):
        assert offered(three(), hint=name)[0] == name
        assert offered(three(), tried={name})[-1] == name
        assert set(offered(three(), hint=name, tried={name})) == {"aa", "bb", "cc"}


def test_the_services_own_list_holds() -> None:
    assert set(offered(three(providers={"allow": ("aa", "bb"), "deny": ("bb",)}))) == {"aa"}


def test_a_suspended_provider_neither_starts_nor_takes_answers() -> None:
    assert set(offered(three(), suspended={"aa", "cc"})) == {"bb"}
    assert not may_return_here(a_provider(), NOW, {"northgate"})
    assert may_return_here(a_provider(), NOW)


def test_a_provider_whose_certification_has_ended_does_not_start() -> None:
    provider = a_provider(certification={"self_declared": True, "not_after": "2026-05-13"})
    assert not may_start_here(provider, NOW)
    assert not can_reach(provider, needed(), NOW)
    assert levels_to_ask(provider, needed(), NOW) == ()


def test_a_provider_that_cannot_reach_the_level_is_not_offered() -> None:
    assert offered(a_federation(a_service(), a_provider(levels=LOW_ONLY))) == ()
    assert not can_reach(a_provider(), needed(essential=("very_high.high",)), NOW)
    assert can_reach(a_provider(), needed("very_high.high"), NOW)


def test_a_closing_provider_starts_until_its_last_day_ends_and_answers_a_journey_longer() -> None:
    assert is_closing(CLOSING_TODAY)
    assert may_start_here(CLOSING_TODAY, MIDNIGHT - timedelta(seconds=1))
    assert not may_start_here(CLOSING_TODAY, MIDNIGHT)
    assert may_return_here(CLOSING_TODAY, MIDNIGHT + RETURN_WINDOW - timedelta(seconds=1))
    assert not may_return_here(CLOSING_TODAY, MIDNIGHT + RETURN_WINDOW)


def test_newcomers_may_not_sign_in_where_a_provider_is_closing() -> None:
    assert may_sign_in(CLOSING_TODAY, known=True)
    assert not may_sign_in(CLOSING_TODAY, known=False)
    assert may_sign_in(a_provider(), known=False)


def test_a_closing_provider_without_a_last_day_is_closed() -> None:
    assert not may_start_here(a_provider(status="closing"), NOW)


@pytest.mark.parametrize(
    ("requirement", "values"),
    [
        (needed(), (MEDIUM, HIGH)),
        (needed("high.high"), (HIGH, MEDIUM)),
        (needed("low.low"), (MEDIUM, HIGH)),
        (needed(minimum="low.medium"), (LOW, MEDIUM, HIGH)),
        (needed(minimum="high.medium"), (HIGH,)),
        (needed("medium.medium", essential=("high.high",)), (HIGH,)),
        (needed(essential=("very_high.high",)), ()),
        (
            Requirement(minimum=Level.parse("high.high"), acceptable=(Level.parse("low.medium"),)),
            (HIGH, LOW, MEDIUM),
        ),
    ],
)
def test_no_more_is_asked_first_than_is_needed(requirement: Requirement, values: tuple[str, ...]) -> None:
    assert levels_to_ask(a_provider(), requirement, NOW) == values
