"""The way back from a provider: only the browser that left, to the provider it left for, and once (A-UO-01, 02)."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.citizen import Citizen
from tests.relying_service import RelyingService, call
from tests.running_hub import RunningHub
from tests.web_browser import Page


@pytest.fixture
def departed(citizen: Citizen, fishing: RelyingService) -> Page:
    """A sign-in page at northgate."""
    return citizen.choose(citizen.visit(fishing.ask()))


def the_answer(citizen: Citizen, at_provider: Page) -> str:
    """The callback address that the provider sends this browser to, not yet followed."""
    return citizen.sign_in_there(at_provider, follow=False).location


def with_parameters(url: str, **differences: str | None) -> str:
    base, _, query = url.partition("?")
    members: dict[str, str | None] = {**dict(parse_qsl(query)), **differences}
    return f"{base}?{urlencode({name: value for name, value in members.items() if value is not None})}"


@pytest.fixture(autouse=True)
def forgetful_providers(hub: RunningHub) -> None:
    """Providers remember only what happens in the test itself."""
    for issuer in hub.providers.values():
        call("DELETE", f"{issuer}/received")


def back_channel_calls(hub: RunningHub, provider: str) -> list[str]:
    """Give the paths of the hub's own calls to a provider, in order."""
    received = json.loads(call("GET", f"{hub.providers[provider]}/received").text)
    paths = [urlsplit(request["url"]).path for request in received]
    return [path for path in paths if path in {"/token", "/userinfo"}]


def test_a_uo_01_an_answer_brought_to_another_providers_address_reaches_neither(
    hub: RunningHub, citizen: Citizen, departed: Page
) -> None:
    answer = the_answer(citizen, departed).replace("/northgate/", "/harbour/")

    page = citizen.browser.get(answer)

    assert "choose-provider" in page.forms
    assert back_channel_calls(hub, "northgate") == back_channel_calls(hub, "harbour") == []


def test_a_uo_01_an_answer_in_another_issuers_name_is_refused_before_the_token_call(
    hub: RunningHub, citizen: Citizen, departed: Page
) -> None:
    answer = with_parameters(the_answer(citizen, departed), iss=hub.providers["harbour"])

    page = citizen.browser.get(answer)

    assert page.outcome == ("provider_error", "provider")
    assert back_channel_calls(hub, "northgate") == []


def test_a_uo_01_an_answer_that_hides_its_issuer_is_refused(
    hub: RunningHub, citizen: Citizen, departed: Page
) -> None:
    page = citizen.browser.get(with_parameters(the_answer(citizen, departed), iss=None))

    assert page.outcome == ("provider_error", "provider")
    assert back_channel_calls(hub, "northgate") == []


@pytest.mark.parametrize("state", [None, "", "unknown", "ü", "A" * 64, "A" * 5000, "../../etc/passwd"])
def test_a_uo_02_an_answer_without_a_state_of_ours_is_refused_before_any_call(
    hub: RunningHub, citizen: Citizen, departed: Page, state: str | None
) -> None:
    page = citizen.browser.get(with_parameters(the_answer(citizen, departed), state=state))

    assert page.status == 400
    assert page.outcome == ("expired", "citizen")
    assert back_channel_calls(hub, "northgate") == []


def test_a_uo_02_an_answer_in_another_browser_is_refused_and_the_right_one_can_still_bring_it(
    hub: RunningHub, citizen: Citizen, departed: Page
) -> None:
    answer = the_answer(citizen, departed)

    stolen = Citizen(hub).browser.get(answer)

    assert stolen.outcome == ("expired", "citizen")
    assert back_channel_calls(hub, "northgate") == []
    assert "agreement" in citizen.browser.get(answer).forms


def test_a_uo_02_another_journeys_cookie_in_the_same_browser_does_not_open_an_answer(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, departed: Page
) -> None:
    answer = the_answer(citizen, departed)
    other = Citizen(hub)
    other.visit(fishing.ask())

    assert other.browser.get(answer).outcome == ("expired", "citizen")
    assert back_channel_calls(hub, "northgate") == []


def test_a_uo_02_an_answer_works_once_and_a_refresh_leads_to_where_the_journey_stands(
    hub: RunningHub, citizen: Citizen, departed: Page
) -> None:
    answer = the_answer(citizen, departed)
    first = citizen.browser.get(answer)
    calls = back_channel_calls(hub, "northgate")

    again = citizen.browser.get(answer)

    assert again.forms.keys() == first.forms.keys()
    assert again.reference == first.reference
    assert back_channel_calls(hub, "northgate") == calls == ["/token", "/userinfo"]
    kinds = [entry["kind"] for entry in hub.entries(first.reference)]
    assert kinds.count("journey.identity_received") == 1


def test_an_answer_to_an_older_departure_is_not_taken(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    picker = citizen.visit(fishing.ask())
    older = the_answer(citizen, citizen.choose(picker))
    citizen.choose(picker, "harbour")

    page = citizen.browser.get(older)

    assert "choose-provider" in page.forms
    assert back_channel_calls(hub, "northgate") == []


@pytest.mark.parametrize(
    "bent",
    [
        {"code": None},
        {"code": "guessed"},
        {"error": "access_denied"},
        {"code": None, "error": "<script>alert(1)</script>"},
        {"code": "x" * 5000},
        {"code": None, "error": "server_error"},
    ],
)
def test_a_bent_answer_ends_in_a_plain_page(
    hub: RunningHub, citizen: Citizen, departed: Page, bent: dict[str, str | None]
) -> None:
    page = citizen.browser.get(with_parameters(the_answer(citizen, departed), **bent))

    assert page.status == 200
    assert page.outcome[0] in {"provider_error", "provider_unavailable"}
    assert "script>alert" not in page.text


def test_repeated_parameters_are_not_picked_from_silently(
    hub: RunningHub, citizen: Citizen, departed: Page
) -> None:
    answer = the_answer(citizen, departed)

    citizen.browser.get(f"{answer}&code=another")

    assert back_channel_calls(hub, "northgate") == []


def test_an_unknown_provider_address_is_a_plain_page(hub: RunningHub, citizen: Citizen) -> None:
    for path in (
        "/providers/nowhere/callback?state=x&code=y",
        "/providers/%00/callback",
        "/providers//callback",
    ):
        assert citizen.browser.get(hub.issuer + path).status in {400, 404}


def test_the_departure_tells_the_provider_nothing_of_service_or_journey(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask(login_hint="amelia@people.example", ui_locales="cy")
    picker = citizen.visit(asked)

    location = citizen.choose(picker, follow=False).location

    sent = dict(parse_qsl(urlsplit(location).query))
    assert set(sent) <= {
        "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method", "acr_values", "ui_locales", "prompt", "max_age", "claims",
    }  # fmt: skip
    assert sent["client_id"] == "countersign"
    assert sent["redirect_uri"] == f"{hub.issuer}/providers/northgate/callback"
    telling = (picker.reference, "fishing", "rivers", asked.state, asked.parameters["nonce"], "amelia")
    assert not [word for word in telling if word in location]
