from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.addresses import is_loopback_host, is_plain_http, parse_web_address
from config.errors import AddressError


@pytest.mark.parametrize(
    "address",
    [
        "https://rivers.example/callback",
        "https://rivers.example",
        "https://rivers.example:8443/callback?from=hub&x=%20",
        "https://192.0.2.1/callback",
        "https://[2001:db8::1]:8443/callback",
        "https://xn--llyfrgell-x1a.example/a.b/..c/%7Euser;v=1",
        "http://localhost:8410/callback",
        "http://127.0.0.1/",
        "http://127.8.9.10/",
        "http://[::1]:8410/",
    ],
)
def test_an_absolute_address_is_taken_as_it_is(address: str) -> None:
    assert parse_web_address(address).geturl() == address


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/callback", "absolute"),
        ("//rivers.example/callback", "absolute"),
        ("rivers.example/callback", "absolute"),
        ("javascript:alert(1)", "absolute"),
        ("app.rivers:/callback", "absolute"),
        ("ftp://rivers.example/", "absolute"),
        ("HTTPS://rivers.example/", "absolute"),
        (" https://rivers.example/", "absolute"),
        ("https:/rivers.example/", "absolute"),
        ("https://rivers.example/#part", "fragment"),
        ("https://rivers.example/#", "fragment"),
        ("https://user@rivers.example/", "user information"),
        ("https://rivers.example:pw@evil.example/", "user information"),
        ("https://@rivers.example/", "user information"),
        ("https://rivers.example/*", "wildcard"),
        ("https://*.rivers.example/", "wildcard"),
        ("https://rivers.example/a/../b", "dot segments"),
        ("https://rivers.example/a/./b", "dot segments"),
        ("https://rivers.example/..", "dot segments"),
        ("https://rivers.example/a/%2e%2E/b", "dot segments"),
        ("https://rivers.example/a/..%2fb", "dot segments"),
        ("https://rivers.example/a/..%5Cb", "dot segments"),
        ("https://rivers.example/a%0d%0ab", "control"),
        ("https://rivers.example\\@evil.example/", "percent-encode"),
        ("https://rivers.example/a b", "percent-encode"),
        ("https://rivers.example/a\nb", "percent-encode"),
        ("https://rivers.example/a\n", "percent-encode"),
        ("https://rivers.example/%zz", "percent-encode"),
        ("https://rivers.example/%2", "percent-encode"),
        ("https://rivers.example/ŵ", "percent-encode"),
        ("https://ŵy.example/", "percent-encode"),
        ("https://rivers.example:99999/", "host or port"),
        ("https://rivers.example:/", "host"),
        ("https://", "host"),
        ("https:///callback", "host"),
        ("https://-/", "host"),
        ("https://rivers..example/", "host"),
        ("https://[::1/", "host or port"),
        ("https://[rivers]/", "host or port"),
        ("http://rivers.example/", "https"),
        ("http://localhost.rivers.example/", "https"),
        ("http://127.0.0.1.rivers.example/", "https"),
        ("http://192.0.2.1/", "https"),
        ("http://0.0.0.0/", "https"),
        ("https://rivers.example/" + "a" * 2048, "longer"),
    ],
)
def test_an_address_that_readers_could_take_differently_is_refused(address: str, reason: str) -> None:
    with pytest.raises(AddressError, match=reason):
        parse_web_address(address)


@given(st.text() | st.text().map("https://".__add__) | st.from_regex(r"https?://[\x00-\x7f]*"))
def test_no_text_makes_parsing_fail_otherwise(text: str) -> None:
    try:
        parts = parse_web_address(text)
    except AddressError:
        return
    assert parts.scheme in {"https", "http"}
    assert parts.username is None
    assert parts.hostname
    assert "#" not in text


def test_loopback_is_a_name_or_an_address_of_this_machine() -> None:
    assert all(is_loopback_host(host) for host in ("localhost", "LOCALHOST", "127.0.0.1", "::1", "[::1]"))
    assert not any(
        is_loopback_host(host) for host in ("localhost.example", "192.0.2.1", "", "10.0.0.1", "127.1")
    )


def test_plain_http_is_told_by_the_scheme() -> None:
    assert is_plain_http("http://localhost/")
    assert not is_plain_http("https://localhost/")
