"""Coming back: consent given once stands, and one sign-in serves several services that cannot compare notes."""

from __future__ import annotations

from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub


def test_a_returning_citizen_in_a_new_browser_sees_no_agreement(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    before = citizen.sign_in(fishing, tick=["postcode_area"])
    asked = fishing.ask()

    landed = citizen.elsewhere().until_agreement(asked)
    again = fishing.finish(hub.issuer, asked, landed)

    assert again.subject == before.subject
    assert again.userinfo == before.userinfo


def test_silent_sign_in_shows_no_page_at_all(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    before = citizen.sign_in(fishing)
    asked = fishing.ask()

    landed = citizen.visit(asked)
    again = fishing.finish(hub.issuer, asked, landed)

    assert again.subject == before.subject
    assert again.claims["auth_time"] == before.claims["auth_time"]
    assert again.claims["sid"] == before.claims["sid"]
    assert again.access_token != before.access_token


def test_a_second_service_gets_another_subject_after_one_agreement_and_no_second_sign_in(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, library: RelyingService
) -> None:
    at_fishing = citizen.sign_in(fishing)
    asked, pages_before = library.ask(), len(citizen.browser.history)

    agreement = citizen.visit(asked)

    assert "already-signed-in" in agreement.elements
    at_library = library.finish(hub.issuer, asked, citizen.decide(agreement))
    assert at_library.subject != at_fishing.subject
    assert at_library.claims["sid"] != at_fishing.claims["sid"]
    assert at_library.claims["auth_time"] == at_fishing.claims["auth_time"]
    assert hub.providers["northgate"] not in " ".join(citizen.seen(since=pages_before))


def test_services_of_one_sector_know_a_citizen_by_one_subject(
    citizen: Citizen, library: RelyingService, archive: RelyingService
) -> None:
    assert citizen.sign_in(library).subject == citizen.sign_in(archive).subject


def test_two_people_have_two_subjects(hub: RunningHub, fishing: RelyingService) -> None:
    first, second = Citizen(hub, "complete"), Citizen(hub, "second-complete")

    assert first.sign_in(fishing).subject != second.sign_in(fishing).subject


def test_one_person_at_two_providers_is_two_people_until_they_are_linked(
    citizen: Citizen, fishing: RelyingService
) -> None:
    here = citizen.sign_in(fishing, provider="northgate")
    there = citizen.elsewhere().sign_in(fishing, provider="harbour")

    assert here.subject != there.subject


def test_a_service_without_a_shared_session_asks_the_provider_each_time(
    citizen: Citizen, fishing: RelyingService, loner: RelyingService
) -> None:
    citizen.sign_in(fishing)

    picker = citizen.visit(loner.ask())

    assert "choose-provider" in picker.forms


def test_a_sign_in_at_a_service_without_a_shared_session_starts_none(
    citizen: Citizen, fishing: RelyingService, loner: RelyingService
) -> None:
    first = citizen.sign_in(loner)
    second = citizen.sign_in(loner)

    assert first.subject == second.subject
    assert first.claims["sid"] != second.claims["sid"]
    assert "choose-provider" in citizen.visit(fishing.ask()).forms


def test_a_session_with_too_low_a_level_does_not_serve_a_service_that_needs_more(
    citizen: Citizen, fishing: RelyingService, library: RelyingService
) -> None:
    asked = library.ask(acr_values="urn:countersign:level:medium.medium")
    citizen.go_through(asked, outcome="lower-level")

    picker = citizen.visit(fishing.ask())

    assert "choose-provider" in picker.forms


def test_another_person_at_the_same_browser_replaces_the_session(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    first = citizen.sign_in(fishing)
    other = Citizen(hub, browser=citizen.browser)

    second = other.sign_in(fishing, prompt="login")

    assert second.subject != first.subject
    assert other.sign_in(fishing, prompt="none").subject == second.subject
