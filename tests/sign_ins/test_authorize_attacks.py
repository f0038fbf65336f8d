"""The authorization endpoint under attack: nothing is sent to a stranger, nothing ambiguous is picked (A-AZ)."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.citizen import Citizen
from tests.relying_service import RelyingService, call
from tests.running_hub import RunningHub

NEAR_MISSES = (
    "{uri}/extra",
    "{uri}/",
    "{uri}/..;/",
    "{uri}%2F",
    "{uri}?a=b",
    "{uri}#fragment",
    "https://user@fishing-licence.example/callback",
    "https://fishing-licence.example@evil.example/callback",
    "https://a@b@fishing-licence.example/callback",
    "https://fishing-licence.example\\@evil.example/callback",
    "https://fishing-licence.example:443/callback",
    "https://fishing-licence.example.evil.example/callback",
    "HTTPS://FISHING-LICENCE.EXAMPLE/callback",
    "http://fishing-licence.example/callback",
    "https://fishing-licence.example/Callback",
    "https://fishing-licence.example//callback",
    "https://fishing-l\u0456cence.example/callback",
    "//evil.example/callback",
    "javascript:alert(1)",
    "https://evil.example/?{uri}",
    " {uri}",
)


@pytest.mark.parametrize("near_miss", NEAR_MISSES)
def test_a_az_01_a_redirect_uri_is_compared_character_by_character(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, near_miss: str
) -> None:
    before = len(hub.entries())

    page = citizen.visit(fishing.ask(redirect_uri=near_miss.format(uri=fishing.redirect_uri)), follow=False)

    assert page.status == 400
    assert "Location" not in page.headers
    assert page.outcome == ("service_request_invalid", "service")
    assert page.reference == ""
    assert len(hub.entries()) == before


@pytest.mark.parametrize(
    "other_fault",
    [
        {"response_type": "token"},
        {"scope": "openid everything"},
        {"prompt": "none"},
        {"request": "x.y.z"},
        {"code_challenge": None},
    ],
)
def test_a_az_02_no_error_goes_to_an_address_that_is_not_registered(
    citizen: Citizen, fishing: RelyingService, other_fault: dict[str, str | None]
) -> None:
    asked = fishing.ask(redirect_uri="https://evil.example/callback", **other_fault)

    page = citizen.visit(asked, follow=False)

    assert page.status == 400
    assert "evil.example" not in page.headers.get("Location", "")


@pytest.mark.parametrize("client_id", [None, "nobody", "fishing-licence ", "FISHING-LICENCE", "' OR 1=1 --"])
def test_an_unknown_client_never_redirects(
    citizen: Citizen, fishing: RelyingService, client_id: str | None
) -> None:
    page = citizen.visit(fishing.ask(client_id=client_id), follow=False)

    assert page.status == 400
    assert page.outcome == ("service_request_invalid", "service")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "web_message"}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "openid email"}, "invalid_scope"),
        ({"scope": "attributes"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "http://127.0.0.1:1/internal"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
    ],
)
def test_a_az_03_04_and_08_a_faulty_request_gets_the_standards_error_at_the_service(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, fault: dict[str, str | None], error: str
) -> None:
    asked = fishing.ask(**fault)

    landed = citizen.visit(asked)

    assert landed.url.partition("?")[0] == fishing.redirect_uri
    assert set(landed.query) == {"error", "error_description", "error_uri", "iss", "state"}
    assert (landed.query["error"], landed.query["iss"]) == (error, hub.issuer)
    assert landed.query["state"] == asked.state
    reference = landed.query["error_uri"].rpartition("=")[2]
    assert [entry["kind"] for entry in hub.entries(reference)] == ["journey.request_refused"]


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_az_05_a_repeated_address_or_client_stays_here(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, name: str
) -> None:
    asked = fishing.ask()

    page = citizen.browser.get(
        f"{asked.url(hub.issuer)}&{urlencode({name: asked.parameters[name]})}", follow=False
    )

    assert page.status == 400


@pytest.mark.parametrize("name", ["state", "nonce", "scope", "claims", "acr_values", "colour"])
def test_a_az_05_any_other_repeated_parameter_is_invalid_request(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, name: str
) -> None:
    asked = fishing.ask(**{name: "openid"})

    landed = citizen.browser.get(f"{asked.url(hub.issuer)}&{name}=openid")

    assert landed.query["error"] == "invalid_request"
    assert ("state" in landed.query) == (name != "state")


def test_a_az_05_a_parameter_in_query_and_body_is_repeated(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    fields = list(asked.parameters.items())

    landed = citizen.browser.post(f"{hub.issuer}/authorize?nonce=other", fields)

    assert landed.query["error"] == "invalid_request"


def test_a_az_06_and_07_pages_cannot_be_framed_and_refer_to_nobody(
    citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    picker = citizen.visit(asked)
    agreement = citizen.sign_in_there(citizen.choose(picker))
    refused = citizen.visit(fishing.ask(client_id="nobody"))

    for page in (picker, agreement, refused):
        policy = page.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert 'src="http' not in page.text
        assert "<script" not in page.text


def test_a_az_07_every_redirect_after_a_form_is_a_303_and_carries_nothing_personal(
    citizen: Citizen, fishing: RelyingService
) -> None:
    citizen.go_through(fishing.ask())

    for page in citizen.browser.history:
        assert page.status in {200, 302, 303}
        if page.url.startswith(citizen.hub.issuer) and page.status != 200:
            assert page.status == 303
            assert page.headers["Referrer-Policy"] == "no-referrer"
        assert not citizen.tells_of_me(page.url)


def test_a_az_09_the_issuer_is_in_every_answer_and_declared(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    metadata = call("GET", f"{hub.issuer}/.well-known/openid-configuration").body

    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert citizen.go_through(fishing.ask()).query["iss"] == hub.issuer
    assert citizen.visit(fishing.ask(prompt="none nothing")).query["iss"] == hub.issuer


def test_an_error_description_holds_only_what_the_standard_allows(
    citizen: Citizen, fishing: RelyingService
) -> None:
    nasty = '"><script>\\\u202e\u00fc'

    for fault in ({"prompt": nasty}, {"max_age": nasty}, {"scope": f"openid {nasty}"}, {"claims": nasty}):
        description = citizen.visit(fishing.ask(**fault)).query["error_description"]
        assert all(0x20 <= ord(letter) <= 0x7E and letter not in '"\\' for letter in description), description
        assert "script" not in description
