"""Saying no: the service hears that it did not work and why in one word, and nothing else."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from tests.citizen import Citizen
from tests.relying_service import Asked, RelyingService
from tests.running_hub import RunningHub
from tests.web_browser import Page


def assert_told(hub: RunningHub, asked: Asked, landed: Page, outcome: str, reference: str) -> None:
    assert landed.url.partition("?")[0] == asked.parameters["redirect_uri"]
    told = landed.query
    assert set(told) == {"error", "error_description", "error_uri", "iss", "state"}
    assert (told["error"], told["iss"], told["state"]) == ("access_denied", hub.issuer, asked.state)
    assert told["error_uri"] == f"{hub.issuer}/outcomes/{outcome}?journey={reference}"


def test_a_co_05_refusing_gives_the_service_an_error_and_nothing_else(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    agreement = citizen.until_agreement(asked)

    landed = citizen.decide(agreement, "refuse")

    assert_told(hub, asked, landed, "refused_by_citizen", agreement.reference)
    kinds = [entry["kind"] for entry in hub.entries(agreement.reference)]
    assert kinds.count("journey.completed") == 0
    assert kinds[-2:] == ["consent.refused", "journey.ended"]


def test_after_refusing_the_citizen_is_asked_again_next_time(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    citizen.decide(citizen.until_agreement(fishing.ask()), "refuse")
    asked = fishing.ask()

    agreement = citizen.visit(asked)

    assert "agreement" in agreement.forms
    fishing.finish(hub.issuer, asked, citizen.decide(agreement))


def test_refusing_with_ticked_items_shares_none_of_them(
    citizen: Citizen, fishing: RelyingService, hub: RunningHub
) -> None:
    asked = fishing.ask()
    agreement = citizen.until_agreement(asked)

    landed = citizen.decide(agreement, "refuse", tick=["postcode_area"])

    assert_told(hub, asked, landed, "refused_by_citizen", agreement.reference)


def test_cancelling_at_the_picker_leads_back_with_an_error(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    picker = citizen.visit(asked)

    landed = citizen.browser.submit(picker, "cancel")

    assert_told(hub, asked, landed, "cancelled_by_citizen", picker.reference)


def test_a_cancelled_journey_cannot_be_taken_up_again(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    picker = citizen.visit(asked)
    citizen.browser.submit(picker, "cancel")

    again = citizen.choose(picker, follow=False)

    shown = citizen.browser.follow(again)
    assert "choose-provider" not in shown.forms
    assert not shown.url.startswith(hub.providers["northgate"])
    assert [entry["kind"] for entry in hub.entries(picker.reference)] == ["journey.started", "journey.ended"]


def test_no_personal_data_stands_in_the_error_answer(citizen: Citizen, fishing: RelyingService) -> None:
    agreement = citizen.until_agreement(fishing.ask())

    landed = citizen.decide(agreement, "refuse")

    values = [value for _, value in parse_qsl(urlsplit(landed.url).query)]
    assert not [value for value in values if citizen.tells_of_me(value)]


def test_another_provider_may_be_chosen_instead_of_deciding(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    agreement = citizen.until_agreement(asked)

    picker = citizen.browser.submit(agreement, "switch-provider")
    landed = citizen.decide(citizen.sign_in_there(citizen.choose(picker, "harbour")))

    fishing.finish(hub.issuer, asked, landed)


def test_the_outcome_page_explains_the_code_to_services(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    landed = citizen.browser.submit(citizen.visit(asked), "cancel")

    page = citizen.browser.get(landed.query["error_uri"])

    assert page.status == 200
    assert "cancelled_by_citizen" in page.text
