"""Whatever a provider does, the right outcome and party are named, another can be tried, and the service told."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub

CITIZEN = {"cancel": ("cancelled_by_citizen", "citizen", "access_denied")}
NOT_ENOUGH = {
    "not-proved": ("identity_not_proved", "provider", "access_denied"),
    "lower-level": ("level_not_reached", "provider", "unmet_authentication_requirements"),
    "fraud": ("identity_not_proved", "provider", "access_denied"),
}
NO_ANSWER = dict.fromkeys(
    ("server-error", "slow"), ("provider_unavailable", "provider", "temporarily_unavailable")
)
# A-OP-02, A-UO-01 and A-UO-03 to A-UO-08: distinct reasons inside, one answer outside.
UNUSABLE = dict.fromkeys(
    (
        "garbage",
        "truncated",
        "wrong-charset",
        "endless",
        "expired",
        "wrong-audience",
        "stranger-audience",
        "wrong-authorized-party",
        "future-issued",
        "wrong-nonce",
        "missing-nonce",
        "replay",
        "wrong-issuer",
        "wrong-response-issuer",
        "foreign-key",
        "alg-none",
        "public-key-as-secret",
        "embedded-key",
        "unknown-critical",
        "userinfo-other-subject",
    ),
    ("provider_error", "provider", "access_denied"),
)
OUTCOMES = CITIZEN | NOT_ENOUGH | NO_ANSWER | UNUSABLE


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_a_provider_does_is_told_to_citizen_and_service_alike(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, outcome: str
) -> None:
    code, party, error = OUTCOMES[outcome]
    asked = fishing.ask()

    page = citizen.until_agreement(asked, outcome=outcome)

    assert page.status == 200
    assert page.outcome == (code, party)
    told = dict(parse_qsl(urlsplit(page.elements["return-to-service"]["href"]).query))
    assert set(told) == {"error", "error_description", "error_uri", "iss", "state"}
    assert (told["error"], told["state"], told["iss"]) == (error, asked.state, hub.issuer)
    assert told["error_uri"] == f"{hub.issuer}/outcomes/{code}?journey={page.reference}"

    refused = hub.entries(page.reference)[-1]
    assert refused["kind"] == "journey.identity_refused"
    assert (refused["fields"]["outcome"], refused["fields"]["party"]) == (code, party)

    picker = citizen.browser.submit(page, "try-another")
    landed = citizen.decide(citizen.sign_in_there(citizen.choose(picker, "harbour")))
    fishing.finish(hub.issuer, asked, landed)


def test_an_outcome_that_fails_makes_no_account_and_no_session(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    page = citizen.until_agreement(fishing.ask(), outcome="userinfo-other-subject")

    kinds = {entry["kind"] for entry in hub.entries(page.reference)}
    assert "account.opened" not in kinds
    assert citizen.visit(fishing.ask(prompt="none")).query["error"] == "login_required"


def test_the_provider_that_failed_is_marked_and_may_be_tried_again(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    page = citizen.until_agreement(asked, outcome="not-proved")

    picker = citizen.browser.submit(page, "try-another")

    assert "last-failure" in picker.elements
    order = [value for _, value in picker.forms["choose-provider"].buttons]
    assert order == ["harbour", "northgate"]
    landed = citizen.decide(citizen.sign_in_there(citizen.choose(picker, "northgate")))
    fishing.finish(hub.issuer, asked, landed)


def test_cancelling_at_the_provider_and_returning_tells_the_service_so(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    page = citizen.until_agreement(fishing.ask(), outcome="cancel")

    assert "cancelled_by_citizen" in page.elements["return-to-service"]["href"]


def test_a_failure_page_holds_no_stack_trace_and_none_of_the_providers_words(
    citizen: Citizen, fishing: RelyingService
) -> None:
    page = citizen.until_agreement(fishing.ask(), outcome="garbage")

    for word in ("Traceback", "Error(", "joserfc", "json", "<!doctype html>\n<title>"):
        assert word not in page.text
