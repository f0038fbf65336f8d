"""Forms come from our own page in the browser that holds the journey; steps cannot be skipped (A-JS-02, 04, 05)."""

from __future__ import annotations

import pytest

from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub
from tests.web_browser import filled


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:1"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_js_04_a_form_from_another_site_is_refused(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, foreign: dict[str, str]
) -> None:
    agreement = citizen.until_agreement(fishing.ask())
    action, _, fields = filled(agreement, "agreement", decision="allow")
    before = hub.entries(agreement.reference)

    page = citizen.browser.post(action, fields, headers=foreign)

    assert page.status == 403
    assert hub.entries(agreement.reference) == before


@pytest.mark.parametrize("token", ["", "guessed", "ü", "A" * 22])
def test_a_js_04_every_form_needs_its_journeys_token(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, token: str
) -> None:
    picker = citizen.visit(fishing.ask())
    for form, pressed in (("choose-provider", {"provider": "northgate"}), ("cancel", {})):
        action, _, fields = filled(picker, form, **pressed)
        bent = [(name, token if name == "form_token" else value) for name, value in fields]

        assert citizen.browser.post(action, bent).status == 403
        assert (
            citizen.browser.post(action, [pair for pair in fields if pair[0] != "form_token"]).status == 403
        )

    assert [entry["kind"] for entry in hub.entries(picker.reference)] == ["journey.started"]


def test_a_co_02_an_approval_from_another_journey_is_refused(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, library: RelyingService
) -> None:
    citizen.sign_in(fishing)
    mine = citizen.visit(library.ask())
    other = citizen.visit(fishing.ask(prompt="consent"))
    action, _, _ = filled(mine, "agreement", decision="allow")
    _, _, theirs = filled(other, "agreement", decision="allow")

    assert citizen.browser.post(action, theirs).status == 403
    assert "agreement" in citizen.browser.get(mine.url).forms


def test_a_js_02_an_agreement_in_another_browser_is_refused(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    agreement = citizen.until_agreement(fishing.ask())
    action, _, fields = filled(agreement, "agreement", decision="allow")

    page = Citizen(hub).browser.post(action, fields)

    assert page.status == 410
    assert page.outcome == ("expired", "citizen")
    assert "journey.completed" not in [entry["kind"] for entry in hub.entries(agreement.reference)]


def test_a_js_02_a_victim_cannot_be_brought_into_an_attackers_journey(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    attacker = Citizen(hub)
    agreement = attacker.until_agreement(fishing.ask())
    answer = next(page.url for page in attacker.browser.history if "/callback?" in page.url)

    for planted in (agreement.url, answer, agreement.url.replace("/agree", "/provider")):
        page = citizen.browser.get(planted)

        assert page.status in {400, 410}
        assert page.outcome == ("expired", "citizen")
    assert citizen.browser.cookies.get("localhost", {}) == {}


def test_a_js_05_an_agreement_before_an_identity_decides_nothing(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    picker = citizen.visit(fishing.ask())
    token = dict(picker.forms["choose-provider"].fields)["form_token"]
    agree = picker.url.replace("/provider", "/agree")

    page = citizen.browser.post(agree, [("form_token", token), ("decision", "allow")])

    assert "choose-provider" in page.forms
    assert [entry["kind"] for entry in hub.entries(picker.reference)] == ["journey.started"]


def test_a_js_05_each_steps_address_leads_to_where_the_journey_stands(
    citizen: Citizen, fishing: RelyingService
) -> None:
    picker = citizen.visit(fishing.ask())
    base = picker.url.removesuffix("/provider")

    for step in ("", "/agree", "/problem", "/provider"):
        assert citizen.browser.get(base + step).url == picker.url

    agreement = citizen.sign_in_there(citizen.choose(picker))
    for step in ("", "/agree", "/problem", "/provider"):
        assert citizen.browser.get(base + step).url == agreement.url


def test_a_js_05_trying_another_after_the_end_changes_nothing(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    agreement = citizen.until_agreement(asked)
    action, _, fields = filled(agreement, "switch-provider")
    fishing.finish(hub.issuer, asked, citizen.decide(agreement))
    entries = hub.entries(agreement.reference)

    page = citizen.browser.post(action, fields)

    assert page.status == 200
    assert hub.entries(agreement.reference) == entries


@pytest.mark.parametrize("provider", ["", "nowhere", "northgate ", "Northgate", "../harbour"])
def test_a_provider_that_is_not_offered_cannot_be_chosen(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, provider: str
) -> None:
    picker = citizen.visit(fishing.ask())
    action, _, fields = filled(picker, "choose-provider", provider="northgate")
    bent = [(name, provider if name == "provider" else value) for name, value in fields]

    page = citizen.browser.post(action, bent)

    assert page.status == 400
    assert "choose-provider" in page.forms
    assert [entry["kind"] for entry in hub.entries(picker.reference)] == ["journey.started"]


def test_a_js_01_a_planted_journey_cookie_is_not_taken_over(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    attacker = Citizen(hub)
    attacker.visit(fishing.ask())
    citizen.browser.cookies["localhost"] = dict(attacker.browser.cookies["localhost"])

    citizen.sign_in(fishing)

    assert "agreement" not in attacker.visit(fishing.ask()).forms
    assert attacker.visit(fishing.ask(prompt="none")).query["error"] == "login_required"


def test_a_js_01_handles_change_when_trust_does(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    picker = citizen.visit(fishing.ask())
    name = f"countersign-journey-{picker.reference}"
    before = citizen.browser.cookies["localhost"][name]
    attacker = Citizen(hub, browser=citizen.browser.copy())

    agreement = citizen.sign_in_there(citizen.choose(picker))

    assert citizen.browser.cookies["localhost"][name] != before
    old = attacker.browser.get(agreement.url)
    assert "agreement" not in old.forms
    assert citizen.tells_of_me(agreement.text)
    assert not citizen.tells_of_me(old.text)


def test_a_js_01_a_new_sign_in_gets_a_new_session_and_ends_the_old_one(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    citizen.sign_in(fishing)
    before = citizen.browser.copy()

    citizen.sign_in(fishing, prompt="login")

    session = "countersign-session"
    assert citizen.browser.cookies["localhost"][session] != before.cookies["localhost"][session]
    old = Citizen(hub, browser=before)
    assert old.visit(fishing.ask(prompt="none")).query["error"] == "login_required"
