"""What the browser is told not to do."""

from __future__ import annotations

import pytest

from broker.pages.errors import FormTargetError
from broker.pages.security import (
    asset_headers,
    content_security_policy,
    form_target,
    public_page_headers,
    security_headers,
)


def test_the_policy_allows_our_own_style_and_pictures_and_nothing_else() -> None:
    assert content_security_policy() == (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'"
    )


def test_a_form_may_end_up_at_the_places_it_is_redirected_to_once_each() -> None:
    policy = content_security_policy(("https://idp.example", "http://localhost:8410", "https://idp.example"))

    assert policy.endswith("; form-action 'self' https://idp.example http://localhost:8410")


@pytest.mark.parametrize(
    "target",
    [
        "https://idp.example; script-src *",
        "https://idp.example *",
        "*",
        "'unsafe-inline'",
        "",
        "https://a,b",
        "//a",
    ],
)
def test_no_target_can_smuggle_a_directive_into_the_policy(target: str) -> None:
    with pytest.raises(FormTargetError):
        content_security_policy((target,))


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://rivers.example/callback?x=1", "https://rivers.example"),
        ("https://Rivers.Example:8443/cb", "https://rivers.example:8443"),
        ("http://localhost:8410/callback", "http://localhost:8410"),
        ("http://[::1]:8410/callback", "http://[::1]:8410"),
        ("com.example.app:/callback", "com.example.app:"),
    ],
)
def test_a_form_target_is_the_origin_of_an_address_or_an_apps_scheme(url: str, target: str) -> None:
    assert form_target(url) == target


@pytest.mark.parametrize("url", ["", "/callback", "https:///callback", "https://a;b/", "https://a:99999/"])
def test_an_address_without_an_origin_is_no_form_target(url: str) -> None:
    with pytest.raises(FormTargetError):
        form_target(url)


def test_pages_of_a_journey_are_never_stored_framed_or_referred_to() -> None:
    headers = dict(security_headers(https=True, form_targets=("https://idp.example",)))

    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Content-Security-Policy"].endswith("https://idp.example")


@pytest.mark.parametrize("headers", [security_headers, public_page_headers, asset_headers])
def test_a_hub_without_tls_does_not_ask_for_it(headers: object) -> None:
    assert callable(headers)
    assert "Strict-Transport-Security" not in dict(headers(https=False))
    assert "Strict-Transport-Security" in dict(headers(https=True))
