"""What one source or service may ask for, over real HTTP: the rest of the world goes on (A-OP-06)."""

from __future__ import annotations

import itertools
import secrets
from collections import Counter

import pytest

from broker.endpoints.sign_in import ENOUGH_DEPARTURES
from tests.citizen import Citizen
from tests.overload.conftest import PER_SERVICE, PER_SOURCE, REFUSALS
from tests.relying_service import Answer, RelyingService, call
from tests.running_hub import RunningHub
from tests.web_browser import Browser, Page

_NUMBERS = itertools.count(1)


def new_source() -> str:
    """An address that no other test comes from."""
    number = next(_NUMBERS)
    return f"203.0.{number // 250}.{number % 250 + 1}"


def _from(source: str) -> dict[str, str]:
    return {"X-Forwarded-For": source}


def _begin(hub: RunningHub, service: RelyingService, source: str) -> Answer:
    return call("GET", service.ask().url(hub.issuer), headers=_from(source))


def _exhaust(hub: RunningHub, service: RelyingService, source: str) -> Answer:
    statuses = Counter(_begin(hub, service, source).status for _ in range(PER_SOURCE))
    assert statuses == {303: PER_SOURCE}
    return _begin(hub, service, source)


def test_a_op_06_too_many_sign_ins_from_one_source_are_answered_with_a_plain_page_and_a_time(
    strict_hub: RunningHub, fishing: RelyingService
) -> None:
    before = len(strict_hub.entries())
    source = new_source()

    refused = _exhaust(strict_hub, fishing, source)

    assert refused.status == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Content-Type"].startswith("text/html")
    assert refused.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in refused.headers["Content-Security-Policy"]
    assert 'data-code="hub_error" data-party="hub"' in refused.text
    assert 'id="journey-reference"' in refused.text
    assert "Too many requests" in refused.text
    assert len(strict_hub.entries()) == before + PER_SOURCE
    welsh = call(
        "GET", fishing.ask().url(strict_hub.issuer), headers={**_from(source), "Accept-Language": "cy"}
    )
    assert (welsh.status, 'lang="cy"' in welsh.text) == (429, True)


def test_a_op_06_others_are_served_when_one_source_is_not(
    strict_hub: RunningHub, fishing: RelyingService
) -> None:
    source = new_source()
    assert _exhaust(strict_hub, fishing, source).status == 429

    assert _begin(strict_hub, fishing, new_source()).status == 303
    citizen = Citizen(strict_hub)
    citizen.sign_in(fishing)


def test_a_op_06_a_source_cannot_make_itself_another_by_what_it_claims_of_its_way(
    strict_hub: RunningHub, fishing: RelyingService
) -> None:
    source = new_source()
    assert _exhaust(strict_hub, fishing, source).status == 429

    for claimed in ("192.0.2.7", "10.0.0.1, 192.0.2.8", "127.0.0.1", "unknown"):
        answer = _begin(strict_hub, fishing, f"{claimed}, {source}")
        assert answer.status == 429, claimed


def test_a_op_06_posted_requests_count_like_others(strict_hub: RunningHub, fishing: RelyingService) -> None:
    source = new_source()
    assert _exhaust(strict_hub, fishing, source).status == 429

    answer = call(
        "POST",
        f"{strict_hub.issuer}/authorize",
        form=fishing.ask().parameters,
        headers=_from(source),
    )

    assert answer.status == 429


def test_a_op_06_a_service_that_is_flooded_takes_no_other_with_it(
    strict_hub: RunningHub, fishing: RelyingService, library: RelyingService
) -> None:
    statuses: Counter[int] = Counter()
    for _ in range(2 * PER_SERVICE // PER_SOURCE):
        source = new_source()
        statuses.update(_begin(strict_hub, library, source).status for _ in range(PER_SOURCE - 1))

    assert set(statuses) == {303, 429}
    assert statuses[303] == PER_SERVICE
    assert _begin(strict_hub, library, new_source()).status == 429
    assert _begin(strict_hub, fishing, new_source()).status == 303


def test_a_op_06_guessing_at_the_token_endpoint_is_answered_with_json_and_a_time(
    strict_hub: RunningHub, library: RelyingService
) -> None:
    source = new_source()

    def guess() -> Answer:
        form = {"grant_type": "authorization_code", "code": secrets.token_urlsafe(32)}
        secret = {"client_id": library.id, "client_secret": secrets.token_urlsafe(9)}
        return call("POST", f"{strict_hub.issuer}/token", form=form | secret, headers=_from(source))

    assert Counter(guess().status for _ in range(REFUSALS)) == {401: REFUSALS}
    refused = guess()

    assert refused.status == 429
    assert refused.body["error"] == "temporarily_unavailable"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Cache-Control"] == "no-store"


def test_a_op_06_guessing_access_tokens_is_limited_and_services_of_the_same_source_still_work(
    strict_hub: RunningHub, fishing: RelyingService
) -> None:
    def guess() -> Answer:
        return call(
            "GET", f"{strict_hub.issuer}/userinfo", bearer=secrets.token_urlsafe(48), headers=_from(source)
        )

    source = new_source()
    assert Counter(guess().status for _ in range(REFUSALS)) == {401: REFUSALS}
    assert guess().status == 429

    token = Citizen(strict_hub).sign_in(fishing).access_token
    good = call("GET", f"{strict_hub.issuer}/userinfo", bearer=token, headers=_from(source))
    assert good.status == 200


def test_a_op_06_callbacks_that_no_sign_in_waits_for_are_limited(strict_hub: RunningHub) -> None:
    source = new_source()

    def knock() -> Answer:
        query = f"state={secrets.token_urlsafe(24)}&code=x"
        return call("GET", f"{strict_hub.issuer}/providers/northgate/callback?{query}", headers=_from(source))

    assert Counter(knock().status for _ in range(REFUSALS)) == {400: REFUSALS}
    assert knock().status == 429


def test_a_op_06_a_journey_that_leaves_again_and_again_is_stopped_and_its_page_names_it(
    strict_hub: RunningHub, fishing: RelyingService
) -> None:
    source = new_source()
    browser = Browser({strict_hub.issuer}, headers=_from(source))
    citizen = Citizen(strict_hub, browser=browser)
    picker = citizen.visit(fishing.ask())
    reference, token = picker.reference, picker.forms["choose-provider"].fields

    def choose_and_think_again() -> Page:
        chosen = browser.submit(picker, "choose-provider", follow=False, provider="northgate")
        browser.post(f"{strict_hub.issuer}/sign-in/{reference}/another", token)
        return chosen

    allowed = REFUSALS + ENOUGH_DEPARTURES
    assert Counter(choose_and_think_again().status for _ in range(allowed)) == {303: allowed}
    page = choose_and_think_again()

    assert page.status == 429
    assert page.outcome == ("hub_error", "hub")
    assert page.reference == reference


def test_no_address_is_written_down(strict_hub: RunningHub, fishing: RelyingService) -> None:
    source = new_source()
    assert _exhaust(strict_hub, fishing, source).status == 429

    assert source not in strict_hub.log
    for (table,) in strict_hub.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        assert source not in str(strict_hub.rows(f'SELECT * FROM "{table}"')), table  # noqa: S608 - our own tables


@pytest.mark.parametrize(
    "path", ["/health/live", "/health/ready", "/jwks", "/.well-known/openid-configuration"]
)
def test_what_is_the_same_for_everybody_is_not_counted(strict_hub: RunningHub, path: str) -> None:
    source = new_source()
    answers = Counter(
        call("GET", f"{strict_hub.issuer}{path}", headers=_from(source)).status
        for _ in range(PER_SOURCE + REFUSALS)
    )
    assert answers == {200: PER_SOURCE + REFUSALS}
