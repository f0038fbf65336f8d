"""`prompt`: never a page where none was asked for, always one where one was (OIDC Core §3.1.2.1)."""

from __future__ import annotations

import time

import pytest

from tests.citizen import Citizen
from tests.relying_service import Asked, RelyingService
from tests.running_hub import RunningHub
from tests.web_browser import Page


def assert_error(hub: RunningHub, asked: Asked, landed: Page, error: str) -> None:
    assert landed.url.partition("?")[0] == asked.parameters["redirect_uri"]
    assert set(landed.query) == {"error", "error_description", "error_uri", "iss", "state"}
    assert (landed.query["error"], landed.query["state"]) == (error, asked.state)
    assert landed.query["iss"] == hub.issuer


def test_prompt_none_without_a_session_is_login_required(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask(prompt="none")

    landed = citizen.visit(asked)

    assert_error(hub, asked, landed, "login_required")
    assert len(citizen.browser.history) == 1


def test_a_co_01_prompt_none_without_consent_is_consent_required(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, library: RelyingService
) -> None:
    citizen.sign_in(fishing)
    asked = library.ask(prompt="none")

    assert_error(hub, asked, citizen.visit(asked), "consent_required")


def test_prompt_none_with_session_and_consent_gives_a_code_at_once(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    before = citizen.sign_in(fishing)
    asked = fishing.ask(prompt="none")

    landed = citizen.visit(asked, follow=False)

    assert landed.status == 303
    again = fishing.finish(hub.issuer, asked, citizen.browser.follow(landed))
    assert again.subject == before.subject
    assert again.claims["auth_time"] == before.claims["auth_time"]


def test_prompt_none_for_a_level_that_the_session_lacks_is_login_required(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    citizen.sign_in(fishing)
    claims = '{"id_token":{"acr":{"essential":true,"value":"urn:countersign:level:high.high"}}}'
    asked = fishing.ask(prompt="none", claims=claims)

    assert_error(hub, asked, citizen.visit(asked), "login_required")


@pytest.mark.parametrize("prompt", ["none login", "none consent", "none select_account"])
def test_prompt_none_with_another_value_is_invalid_request(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, prompt: str
) -> None:
    asked = fishing.ask(prompt=prompt)

    assert_error(hub, asked, citizen.visit(asked), "invalid_request")


def test_prompt_login_asks_the_provider_for_a_new_sign_in(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    before = citizen.sign_in(fishing)
    asked = fishing.ask(prompt="login")
    time.sleep(1.1)  # auth_time counts seconds

    at_provider = citizen.choose(citizen.visit(asked))

    assert at_provider.elements["new-sign-in"]["data-demanded"] == "yes"
    again = fishing.finish(hub.issuer, asked, citizen.sign_in_there(at_provider))
    assert again.subject == before.subject
    assert again.claims["auth_time"] > before.claims["auth_time"]


def test_without_prompt_no_new_sign_in_is_demanded(citizen: Citizen, fishing: RelyingService) -> None:
    at_provider = citizen.choose(citizen.visit(fishing.ask()))

    assert at_provider.elements["new-sign-in"]["data-demanded"] == "no"


def test_prompt_consent_shows_the_agreement_again(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    citizen.sign_in(fishing)
    asked = fishing.ask(prompt="consent")

    agreement = citizen.visit(asked)

    assert "already-signed-in" in agreement.elements
    fishing.finish(hub.issuer, asked, citizen.decide(agreement))


def test_prompt_select_account_shows_the_picker(citizen: Citizen, fishing: RelyingService) -> None:
    citizen.sign_in(fishing)

    picker = citizen.visit(fishing.ask(prompt="select_account"))

    assert "choose-provider" in picker.forms


def test_an_unknown_prompt_is_invalid_request(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask(prompt="please")

    assert_error(hub, asked, citizen.visit(asked), "invalid_request")
