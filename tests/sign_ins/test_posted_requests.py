"""A POST to the authorization endpoint may come from another site without cookies: it is parked, then continued."""

from __future__ import annotations

from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub


def test_a_posted_request_is_continued_by_get_with_the_browsers_session(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    before = citizen.sign_in(fishing)
    asked = fishing.ask()

    landed = citizen.browser.post(f"{hub.issuer}/authorize", list(asked.parameters.items()))

    assert fishing.finish(hub.issuer, asked, landed).subject == before.subject


def test_the_answer_to_a_post_sets_no_cookie_and_looks_at_none(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    citizen.sign_in(fishing)

    parked = citizen.browser.post(
        f"{hub.issuer}/authorize", list(fishing.ask().parameters.items()), follow=False
    )

    assert parked.status == 303
    assert "Set-Cookie" not in parked.headers


def test_a_parked_request_is_continued_once(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    parked = citizen.browser.post(
        f"{hub.issuer}/authorize", list(fishing.ask().parameters.items()), follow=False
    )
    assert "choose-provider" in citizen.browser.get(parked.location).forms

    again = Citizen(hub).browser.get(parked.location)

    assert again.status == 400
    assert again.outcome == ("expired", "citizen")


def test_a_guessed_parked_address_is_a_plain_page(hub: RunningHub, citizen: Citizen) -> None:
    for text in ("x", "A" * 22 + "." + "A" * 43, "..%2e..", "ü"):
        page = citizen.browser.get(f"{hub.issuer}/authorize/parked/{text}")

        assert page.status == 400
        assert page.outcome == ("expired", "citizen")


def test_a_faulty_post_gets_the_same_errors_as_a_get(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    wrong_scope = list(fishing.ask(scope="openid email").parameters.items())
    stranger = list(fishing.ask(redirect_uri="https://evil.example/").parameters.items())

    assert citizen.browser.post(f"{hub.issuer}/authorize", wrong_scope).query["error"] == "invalid_scope"
    assert citizen.browser.post(f"{hub.issuer}/authorize", stranger).status == 400


def test_a_posted_silent_request_shows_no_page(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    landed = citizen.browser.post(
        f"{hub.issuer}/authorize", list(fishing.ask(prompt="none").parameters.items())
    )

    assert landed.query["error"] == "login_required"
