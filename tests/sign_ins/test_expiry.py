"""Everything ends when it should: journeys, codes, tokens, sessions, parked requests, certificates (A-JS-03)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.citizen import Citizen
from tests.clocked_hub import ClockedHub, clocked_hub
from tests.engines.engine import Engine
from tests.relying_service import Asked, RelyingService, call


@pytest.fixture(scope="module")
def running(
    engine: Engine,
    tmp_path_factory: pytest.TempPathFactory,
    fishing: RelyingService,
    library: RelyingService,
) -> Iterator[ClockedHub]:
    services = [fishing.entry(), library.entry()]
    with clocked_hub(
        tmp_path_factory.mktemp("clocked"), services=services, differences=engine.new_home()
    ) as hub:
        yield hub


@pytest.fixture
def timed(running: ClockedHub) -> Iterator[ClockedHub]:
    yield running
    running.clock.back_to_now()


@pytest.fixture
def visitor(timed: ClockedHub) -> Citizen:
    return Citizen(timed)


@pytest.fixture
def a_code(timed: ClockedHub, visitor: Citizen, library: RelyingService) -> tuple[Asked, str]:
    asked = library.ask()
    return asked, library.code(timed.issuer, asked, visitor.go_through(asked))


def test_a_journey_can_be_resumed_until_three_hours_have_passed(
    timed: ClockedHub, visitor: Citizen, fishing: RelyingService
) -> None:
    picker = visitor.visit(fishing.ask())

    timed.clock.forward(hours=2, minutes=59)

    assert "choose-provider" in visitor.browser.get(picker.url).forms


def test_an_expired_journey_says_so_and_leads_back_to_the_service(
    timed: ClockedHub, visitor: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    picker = visitor.visit(asked)

    timed.clock.forward(hours=3)
    page = visitor.choose(picker)

    assert page.outcome == ("expired", "citizen")
    assert page.reference == picker.reference
    back = page.elements["return-to-service"]["href"]
    assert back.startswith(f"{fishing.redirect_uri}?error=access_denied")
    assert asked.state in back
    assert "try-another" not in page.forms
    kinds = [entry["kind"] for entry in timed.entries(picker.reference)]
    assert kinds == ["journey.started", "journey.ended"]


def test_an_agreement_that_comes_too_late_decides_nothing_and_forgets_the_person(
    timed: ClockedHub, visitor: Citizen, fishing: RelyingService
) -> None:
    agreement = visitor.until_agreement(fishing.ask())

    timed.clock.forward(hours=3)
    page = visitor.decide(agreement)

    assert page.outcome == ("expired", "citizen")
    assert not visitor.tells_of_me(page.text)
    assert "journey.completed" not in [entry["kind"] for entry in timed.entries(agreement.reference)]


def test_an_answer_after_the_journey_expired_is_not_taken(
    timed: ClockedHub, visitor: Citizen, fishing: RelyingService
) -> None:
    at_provider = visitor.choose(visitor.visit(fishing.ask()))
    answer = visitor.sign_in_there(at_provider, follow=False).location

    timed.clock.forward(hours=3)

    assert visitor.browser.get(answer).outcome == ("expired", "citizen")


def test_after_three_more_hours_nothing_is_left_of_a_journey(
    timed: ClockedHub, visitor: Citizen, fishing: RelyingService
) -> None:
    picker = visitor.visit(fishing.ask())

    timed.clock.forward(hours=6)
    page = visitor.browser.get(picker.url)

    assert page.status == 410
    assert page.outcome == ("expired", "citizen")
    assert "return-to-service" not in page.elements


@pytest.mark.parametrize(("seconds", "status"), [(58, 200), (61, 400)])
def test_a_code_lives_for_a_minute(
    timed: ClockedHub, library: RelyingService, a_code: tuple[Asked, str], seconds: int, status: int
) -> None:
    timed.clock.forward(seconds=seconds)

    assert library.redeem(timed.issuer, *a_code).status == status


def test_a_click_repeated_after_the_code_expired_shows_the_closing_page(
    timed: ClockedHub, visitor: Citizen, library: RelyingService
) -> None:
    agreement = visitor.until_agreement(library.ask())
    visitor.decide(agreement)

    timed.clock.forward(seconds=61)
    page = visitor.decide(agreement)

    assert page.status == 200
    assert page.elements["standing"]["data-standing"] == "finished"
    assert "code=" not in page.text


@pytest.mark.parametrize(("seconds", "status"), [(590, 200), (601, 401)])
def test_an_access_token_lives_for_ten_minutes(
    timed: ClockedHub, library: RelyingService, a_code: tuple[Asked, str], seconds: int, status: int
) -> None:
    token = library.redeem(timed.issuer, *a_code).body["access_token"]

    timed.clock.forward(seconds=seconds)

    assert call("GET", f"{timed.issuer}/userinfo", bearer=token).status == status


def test_reuse_of_an_expired_code_still_takes_back_its_token(
    timed: ClockedHub, library: RelyingService, a_code: tuple[Asked, str]
) -> None:
    token = library.redeem(timed.issuer, *a_code).body["access_token"]

    timed.clock.forward(minutes=5)
    assert library.redeem(timed.issuer, *a_code).status == 400

    assert call("GET", f"{timed.issuer}/userinfo", bearer=token).status == 401


def test_a_session_ends_after_half_an_hour_without_use(
    timed: ClockedHub, visitor: Citizen, library: RelyingService
) -> None:
    visitor.sign_in(library)

    timed.clock.forward(minutes=29)
    assert "code" in visitor.visit(library.ask(prompt="none")).query
    timed.clock.forward(minutes=29)
    assert "code" in visitor.visit(library.ask(prompt="none")).query
    timed.clock.forward(minutes=31)
    assert visitor.visit(library.ask(prompt="none")).query["error"] == "login_required"


def test_a_session_ends_after_eight_hours_however_busy(
    timed: ClockedHub, visitor: Citizen, library: RelyingService
) -> None:
    visitor.sign_in(library)

    for _ in range(19):
        timed.clock.forward(minutes=25)
        assert "code" in visitor.visit(library.ask(prompt="none")).query
    timed.clock.forward(minutes=6)

    assert visitor.visit(library.ask(prompt="none")).query["error"] == "login_required"


def test_max_age_counts_from_the_sign_in_and_not_from_the_last_use(
    timed: ClockedHub, visitor: Citizen, library: RelyingService
) -> None:
    visitor.sign_in(library)

    timed.clock.forward(minutes=20)
    assert "code" in visitor.visit(library.ask(prompt="none", max_age="1500")).query
    timed.clock.forward(minutes=20)
    assert visitor.visit(library.ask(prompt="none", max_age="1500")).query["error"] == "login_required"


def test_a_parked_request_waits_for_two_minutes(
    timed: ClockedHub, visitor: Citizen, fishing: RelyingService
) -> None:
    fields = list(fishing.ask().parameters.items())
    parked = visitor.browser.post(f"{timed.issuer}/authorize", fields, follow=False)

    timed.clock.forward(seconds=121)

    assert visitor.browser.get(parked.location).outcome == ("expired", "citizen")


def test_choosing_the_same_provider_again_later_is_a_new_departure(
    timed: ClockedHub, visitor: Citizen, fishing: RelyingService
) -> None:
    picker = visitor.visit(fishing.ask())
    first = visitor.choose(picker, follow=False)

    timed.clock.forward(seconds=11)
    second = visitor.choose(picker, follow=False)

    assert first.location != second.location


def test_a_as_01_after_its_certification_a_provider_is_neither_offered_nor_believed(
    timed: ClockedHub, visitor: Citizen, library: RelyingService
) -> None:
    visitor.sign_in(library)
    picker = Citizen(timed).visit(library.ask())
    assert "choose-provider" in picker.forms

    timed.clock.forward(days=400)
    page = Citizen(timed).visit(library.ask())

    assert page.outcome == ("no_eligible_provider", "hub")
    assert "error=unmet_authentication_requirements" in page.elements["return-to-service"]["href"]
    metadata = call("GET", f"{timed.issuer}/.well-known/openid-configuration").body
    assert metadata["acr_values_supported"] == []
