"""The federation changes while people are on their way: what is under way ends well, and nothing outlives its right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import Entry, a_provider_entry, an_attribute
from tests.citizen import Citizen
from tests.clocked_hub import ClockedHub, clocked_hub
from tests.relying_service import RelyingService, call
from tests.running_hub import RunningHub


@pytest.fixture(scope="module")
def changing(
    tmp_path_factory: pytest.TempPathFactory, fishing: RelyingService, library: RelyingService
) -> Iterator[ClockedHub]:
    services = [fishing.entry(), library.entry()]
    with clocked_hub(tmp_path_factory.mktemp("changing"), services=services) as hub:
        yield hub


@pytest.fixture
def federation(
    changing: ClockedHub, fishing: RelyingService, library: RelyingService
) -> Iterator[ClockedHub]:
    yield changing
    changing.apply([fishing.entry(), library.entry()])


def providers_of(hub: RunningHub, **differences: Entry) -> list[Entry]:
    return [
        a_provider_entry(name, issuer=hub.providers[name], **changes) for name, changes in differences.items()
    ]


def test_a_provider_that_leaves_while_somebody_is_there_is_no_longer_believed(
    federation: ClockedHub, fishing: RelyingService, library: RelyingService
) -> None:
    citizen = Citizen(federation)
    asked = fishing.ask()
    at_provider = citizen.choose(citizen.visit(asked))
    signed_in = Citizen(federation)
    signed_in.sign_in(library)

    federation.apply([fishing.entry(), library.entry()], providers_of(federation, harbour={}))
    page = citizen.sign_in_there(at_provider)

    assert page.outcome == ("provider_suspended", "provider")
    assert signed_in.visit(library.ask(prompt="none")).query["error"] == "login_required"
    picker = citizen.browser.submit(page, "try-another")
    landed = citizen.decide(citizen.sign_in_there(citizen.choose(picker, "harbour")))
    fishing.finish(federation.issuer, asked, landed)


def test_a_as_01_a_provider_that_leaves_before_the_decision_vouches_for_nobody(
    federation: ClockedHub, fishing: RelyingService, library: RelyingService
) -> None:
    citizen = Citizen(federation)
    agreement = citizen.until_agreement(fishing.ask())

    federation.apply([fishing.entry(), library.entry()], providers_of(federation, harbour={}))
    page = citizen.decide(agreement)

    assert page.outcome == ("provider_suspended", "provider")
    assert "try-another" in page.forms
    assert "journey.completed" not in {entry["kind"] for entry in federation.entries(page.reference)}


def test_a_as_03_a_minimum_that_was_raised_before_the_decision_holds(
    federation: ClockedHub, fishing: RelyingService, library: RelyingService
) -> None:
    citizen = Citizen(federation)
    agreement = citizen.until_agreement(library.ask())

    federation.apply([fishing.entry(), library.entry(assurance={"minimum": "very_high.high"})])
    page = citizen.decide(agreement)

    assert page.outcome == ("level_not_reached", "provider")


def test_a_provider_whose_secret_this_hub_lacks_costs_nobody_but_itself(
    federation: ClockedHub, fishing: RelyingService, library: RelyingService
) -> None:
    unusable = a_provider_entry("lowland", issuer="https://lowland.example")
    unusable["settings"]["client_authentication"] = {"method": "client_secret_basic", "secret_env": "LACKING"}

    federation.apply([fishing.entry(), library.entry()], [*providers_of(federation, northgate={}), unusable])

    asked, citizen = fishing.ask(), Citizen(federation)
    page = citizen.choose(citizen.visit(asked), "lowland")
    assert page.outcome == ("provider_unavailable", "provider")
    picker = citizen.browser.submit(page, "try-another")
    landed = citizen.decide(citizen.sign_in_there(citizen.choose(picker, "northgate")))
    fishing.finish(federation.issuer, asked, landed)


def test_a_closing_provider_serves_those_who_know_it_and_no_newcomers(
    federation: ClockedHub, fishing: RelyingService, library: RelyingService
) -> None:
    known, newcomer = Citizen(federation), Citizen(federation)
    before = known.sign_in(fishing)
    until = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    closing: Entry = {"status": "closing", "until": until}

    federation.apply(
        [fishing.entry(), library.entry()],
        providers_of(federation, northgate=closing, harbour={}),
    )

    assert known.elsewhere().sign_in(fishing).subject == before.subject
    page = newcomer.until_agreement(fishing.ask())
    assert page.outcome == ("provider_suspended", "provider")
    assert "account.opened" not in {entry["kind"] for entry in federation.entries(page.reference)}


def test_a_service_that_leaves_gets_nothing_any_more(
    federation: ClockedHub, fishing: RelyingService, library: RelyingService
) -> None:
    citizen = Citizen(federation)
    signed_in = citizen.sign_in(fishing)
    asked = fishing.ask(prompt="none")
    code = fishing.code(federation.issuer, asked, citizen.visit(asked))
    picker = Citizen(federation)
    shown = picker.visit(fishing.ask())

    federation.apply([library.entry()])

    assert call("GET", f"{federation.issuer}/userinfo", bearer=signed_in.access_token).status == 401
    redeemed = fishing.redeem(federation.issuer, asked, code)
    assert (redeemed.status, redeemed.body["error"]) == (401, "invalid_client")
    assert citizen.visit(fishing.ask()).status == 400
    assert picker.choose(shown).status == 410


def test_a_co_04_another_purpose_is_asked_about_again(
    federation: ClockedHub, fishing: RelyingService, library: RelyingService
) -> None:
    citizen = Citizen(federation)
    citizen.sign_in(library)
    name = an_attribute("name")
    name["purpose"] = {"en": "To sell it", "cy": "I'w werthu"}

    federation.apply([fishing.entry(), library.entry(attributes=[name])])

    assert citizen.visit(library.ask(prompt="none")).query["error"] == "consent_required"
    agreement = citizen.visit(library.ask())
    assert "To sell it" in agreement.text


def test_a_co_03_a_notice_that_changed_while_it_was_read_is_shown_again(
    federation: ClockedHub, fishing: RelyingService, library: RelyingService
) -> None:
    citizen = Citizen(federation)
    asked = library.ask()
    agreement = citizen.until_agreement(asked)
    name = an_attribute("name")
    name["purpose"] = {"en": "To sell it", "cy": "I'w werthu"}

    federation.apply([fishing.entry(), library.entry(attributes=[name])])
    again = citizen.decide(agreement)

    assert again.status == 409
    assert "To sell it" in again.text
    library.finish(federation.issuer, asked, citizen.decide(again))


def test_a_co_04_what_a_service_is_no_longer_registered_for_is_not_given(
    federation: ClockedHub, fishing: RelyingService, library: RelyingService
) -> None:
    citizen = Citizen(federation)
    citizen.sign_in(fishing, tick=["postcode_area"])

    fewer = fishing.entry(attributes=[an_attribute("age_over_18")])
    federation.apply([fewer, library.entry()])
    asked = fishing.ask()
    signed_in = fishing.finish(federation.issuer, asked, citizen.go_through(asked))

    assert set(signed_in.userinfo) == {"sub", "age_over_18"}
