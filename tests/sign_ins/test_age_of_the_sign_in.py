"""When somebody signed in: honest, never older than asked, and the provider's to say (A-AS-04)."""

from __future__ import annotations

import time

from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub


def test_a_session_young_enough_serves_silently_with_its_own_auth_time(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    before = citizen.sign_in(fishing)
    asked = fishing.ask(max_age="10000")

    again = fishing.finish(hub.issuer, asked, citizen.visit(asked))

    assert again.claims["auth_time"] == before.claims["auth_time"]


def test_a_as_04_a_session_older_than_max_age_leads_to_a_new_sign_in(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    before = citizen.sign_in(fishing)
    time.sleep(2.1)
    asked = fishing.ask(max_age="1")

    at_provider = citizen.choose(citizen.visit(asked))

    assert at_provider.elements["new-sign-in"]["data-demanded"] == "yes"
    again = fishing.finish(hub.issuer, asked, citizen.sign_in_there(at_provider))
    assert again.claims["auth_time"] > before.claims["auth_time"]


def test_max_age_zero_is_the_same_as_prompt_login(citizen: Citizen, fishing: RelyingService) -> None:
    citizen.sign_in(fishing)

    at_provider = citizen.choose(citizen.visit(fishing.ask(max_age="0")))

    assert at_provider.elements["new-sign-in"]["data-demanded"] == "yes"


def test_a_as_04_an_old_sign_in_where_a_new_one_was_asked_is_refused(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    for fresh in ({"prompt": "login"}, {"max_age": "300"}, {"max_age": "0"}):
        page = citizen.until_agreement(fishing.ask(**fresh), outcome="stale")

        assert page.outcome == ("provider_error", "provider"), fresh
        refused = hub.entries(page.reference)[-1]
        assert (refused["kind"], refused["fields"]["reason"]) == ("journey.identity_refused", "stale_sign_in")


def test_an_old_sign_in_is_told_honestly_where_any_will_do(citizen: Citizen, library: RelyingService) -> None:
    asked = library.ask()

    landed = citizen.go_through(asked, outcome="stale")
    signed_in = library.finish(citizen.hub.issuer, asked, landed)

    assert 5 * 3600 < time.time() - signed_in.claims["auth_time"] < 7 * 3600


def test_prompt_none_with_too_old_a_session_is_login_required(
    citizen: Citizen, fishing: RelyingService
) -> None:
    citizen.sign_in(fishing)
    time.sleep(2.1)

    landed = citizen.visit(fishing.ask(prompt="none", max_age="1"))

    assert landed.query["error"] == "login_required"
