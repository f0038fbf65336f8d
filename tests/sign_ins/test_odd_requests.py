"""Methods, bodies, sizes and headers that no honest party sends: a quick, plain refusal (A-OP-07, 09, 10)."""

from __future__ import annotations

import time

import pytest

from tests.citizen import Citizen
from tests.relying_service import RelyingService, call
from tests.running_hub import RunningHub

ANYWHERE = ("/authorize", "/token", "/userinfo", "/jwks", "/.well-known/openid-configuration", "/health/live")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECTED"])
@pytest.mark.parametrize("path", ANYWHERE)
def test_a_op_09_methods_that_mean_nothing_are_refused(hub: RunningHub, method: str, path: str) -> None:
    assert call(method, hub.issuer + path).status in {400, 405, 501}


def test_a_op_09_head_and_options_begin_nothing(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    before = len(hub.entries())
    url = fishing.ask().url(hub.issuer)

    assert call("HEAD", url).status == 405
    assert call("OPTIONS", url).status in {200, 405}
    assert citizen.browser.send("HEAD", url).status == 405
    assert len(hub.entries()) == before
    assert citizen.browser.cookies.get("localhost", {}) == {}


def test_a_op_09_the_token_endpoint_is_post_only(hub: RunningHub) -> None:
    for method in ("GET", "HEAD", "PUT"):
        assert call(method, f"{hub.issuer}/token?grant_type=authorization_code").status == 405


def test_a_op_09_a_method_override_header_changes_nothing(hub: RunningHub) -> None:
    answer = call("GET", f"{hub.issuer}/token", headers={"X-HTTP-Method-Override": "POST"})

    assert answer.status == 405


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""]
)
def test_a_op_09_a_body_that_is_not_a_form_is_invalid_request(hub: RunningHub, content_type: str) -> None:
    answer = call(
        "POST",
        f"{hub.issuer}/token",
        body=b'{"grant_type":"authorization_code"}',
        headers={"Content-Type": content_type},
    )

    assert (answer.status, answer.body["error"]) == (400, "invalid_request")


def test_a_op_07_a_hundred_thousand_parameters_are_refused_quickly(hub: RunningHub, citizen: Citizen) -> None:
    many = "&".join(f"p{n}=1" for n in range(100_000))
    began = time.monotonic()

    posted = citizen.browser.send("POST", f"{hub.issuer}/authorize", body=many)
    token = call(
        "POST",
        f"{hub.issuer}/token",
        body=many.encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert posted.status in {400, 413}
    assert token.status in {400, 413}
    assert time.monotonic() - began < 5


def test_a_op_07_a_huge_body_is_refused(hub: RunningHub, fishing: RelyingService, citizen: Citizen) -> None:
    fields = [*fishing.ask().parameters.items(), ("claims", "x" * 1_000_000)]

    page = citizen.browser.post(f"{hub.issuer}/authorize", fields, follow=False)

    assert page.status in {400, 413}
    assert call("POST", f"{hub.issuer}/token", form={"code": "x" * 1_000_000}).status in {400, 413}


def test_a_op_07_a_huge_address_or_cookie_is_refused_and_the_hub_lives_on(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    url = fishing.ask().url(hub.issuer)
    too_long = call("GET", f"{url}&x={'y' * 100_000}")
    cookie = call("GET", url, headers={"Cookie": f"countersign-session={'A' * 60_000}"})
    many = call("GET", url, headers={"Cookie": "; ".join(f"countersign-journey-{n}=x" for n in range(2_000))})

    for answer in (too_long, cookie, many):
        assert answer.status in {303, 400, 413, 414, 431}
    citizen.sign_in(fishing)


@pytest.mark.parametrize(
    "name", ["state", "nonce", "code_challenge", "acr_values", "login_hint", "ui_locales", "claims", "prompt"]
)
@pytest.mark.parametrize(
    "value", ["\u0000", "\r\nSet-Cookie: a=b", "%", "\udcff", "\u202e", "\x1b[31m", "x" * 9000]
)
def test_malformed_values_get_an_error_or_are_ignored_and_never_a_500(
    citizen: Citizen, fishing: RelyingService, name: str, value: str
) -> None:
    asked = fishing.ask()
    raw = f"{asked.url(citizen.hub.issuer)}&x=1".replace(f"&{name}=", "&ignored=")
    encoded = "".join(f"%{byte:02X}" for byte in value.encode("utf-8", "surrogateescape"))

    page = citizen.browser.get(f"{raw}&{name}={encoded}", follow=False)

    assert page.status in {303, 400}
    if page.status == 303 and page.location.startswith(fishing.redirect_uri):
        assert "error=" in page.location
        assert "\n" not in page.location
    assert "Set-Cookie: a=b" not in str(page.headers)


def test_a_op_10_forged_host_and_proxy_headers_change_no_address(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    forged = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.9",
        "X_Forwarded_Host": "evil.example",
        "Forwarded": "host=evil.example;proto=https",
        "X-Original-URL": "/token",
        "Client-Cert": ":MIIB:",
        "X-Client-Cert": "x",
    }

    metadata = call("GET", f"{hub.issuer}/.well-known/openid-configuration", headers=forged)
    begun = call("GET", fishing.ask().url(hub.issuer), headers=forged)

    assert metadata.body["issuer"] == hub.issuer
    assert "evil" not in metadata.text
    assert "evil" not in str(begun.headers)
    assert begun.headers["Location"].startswith("/sign-in/")
    assert "Secure" not in begun.headers["Set-Cookie"]


def test_unknown_addresses_are_plain_pages_without_a_trace(hub: RunningHub, citizen: Citizen) -> None:
    for path in (
        "/nowhere",
        "/sign-in/x",
        "/sign-in/0000-0000-0000/agree",
        "/outcomes/nothing",
        "/%00",
        "/..%2f",
    ):
        page = citizen.browser.get(hub.issuer + path)

        assert page.status in {400, 404, 410}, path
        assert "Traceback" not in page.text
