from __future__ import annotations

import ipaddress
import socket
import threading
from typing import Any

import pytest

from idp_adapters.errors import ProviderUnavailableError, UntrustedAnswerError
from idp_adapters.outbound.addresses import AllowList, CheckedResolver, Origin, is_public, parse_origin

NOBODY = AllowList()

NOT_PUBLIC = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 - to be refused
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a00:1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001:0:1::1",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_uo_09_a_special_address_is_not_public_in_any_disguise(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_an_internet_address_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_uo_09_a_literal_special_address_is_refused(address: str) -> None:
    with pytest.raises(UntrustedAnswerError, match="may not connect"):
        CheckedResolver(NOBODY).resolve(address, 1.0)


def _names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    asked: list[str] = []

    def getaddrinfo(host: str, port: object, **_kind: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_uo_09_a_name_that_resolves_to_a_special_address_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _names(monkeypatch, address)
    with pytest.raises(UntrustedAnswerError, match="may not connect"):
        CheckedResolver(NOBODY).resolve("idp.example", 1.0)


def test_a_uo_09_one_forbidden_address_among_public_ones_refuses_them_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _names(monkeypatch, "93.184.216.34", "10.0.0.1")
    with pytest.raises(UntrustedAnswerError):
        CheckedResolver(NOBODY).resolve("idp.example", 1.0)


def test_a_uo_09_loopback_spelled_as_a_number_is_checked_after_resolution(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _names(monkeypatch, "127.0.0.1")
    with pytest.raises(UntrustedAnswerError):
        CheckedResolver(NOBODY).resolve("2130706433", 1.0)


def test_an_operator_may_allow_a_host_or_a_network_behind_private_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _names(monkeypatch, "10.1.2.3")
    by_host = AllowList.parse(["IdP.Internal"], loopback=False)
    by_network = AllowList.parse(["10.1.0.0/16"], loopback=False)
    expected = (ipaddress.ip_address("10.1.2.3"),)
    assert CheckedResolver(by_host).resolve("idp.internal", 1.0) == expected
    assert CheckedResolver(by_network).resolve("another.example", 1.0) == expected
    with pytest.raises(UntrustedAnswerError):
        CheckedResolver(by_host).resolve("another.example", 1.0)


@pytest.mark.parametrize("entry", ["10.0.0.0/99", "not a host", "http://idp.example", "", "10.0.0.1/8"])
def test_an_entry_of_the_allow_list_that_cannot_be_read_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="neither a host name nor a network"):
        AllowList.parse([entry], loopback=False)


def test_loopback_is_allowed_only_where_the_environment_allows_it() -> None:
    loopback = ipaddress.ip_address("127.0.0.1")
    assert AllowList(loopback=True).permits("localhost", loopback)
    assert not AllowList(loopback=False).permits("localhost", loopback)
    assert not AllowList(loopback=True).permits("idp.example", ipaddress.ip_address("10.0.0.1"))


def test_localhost_names_are_this_machine_whatever_a_name_server_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = _names(monkeypatch, "93.184.216.34")
    resolver = CheckedResolver(AllowList(loopback=True))
    for name in ("localhost", "northgate.localhost"):
        assert all(address.is_loopback for address in resolver.resolve(name, 1.0))
    assert asked == []


def test_a_name_that_does_not_resolve_is_an_unavailable_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    _names(monkeypatch)
    with pytest.raises(ProviderUnavailableError, match="does not resolve"):
        CheckedResolver(NOBODY).resolve("idp.example", 1.0)


def test_a_op_02_a_name_server_that_never_answers_is_waited_for_in_bounded_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = threading.Event()

    def getaddrinfo(*_arguments: object, **_kind: object) -> list[Any]:
        release.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    resolver = CheckedResolver(NOBODY)
    try:
        for _ in range(16):
            with pytest.raises(ProviderUnavailableError, match="not resolved within"):
                resolver.resolve("idp.example", 0.01)
        with pytest.raises(ProviderUnavailableError, match="too many"):
            resolver.resolve("idp.example", 30.0)
    finally:
        release.set()


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://idp.example", Origin(scheme="https", host="idp.example", port=443)),
        ("https://IdP.Example:8443/x?y=z", Origin(scheme="https", host="idp.example", port=8443)),
        ("http://localhost:8401/jwks", Origin(scheme="http", host="localhost", port=8401)),
        ("https://[2606:2800:220:1::1]/x", Origin(scheme="https", host="2606:2800:220:1::1", port=443)),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: Origin) -> None:
    assert parse_origin(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "idp.example",
        "//idp.example/x",
        "ftp://idp.example",
        "file:///etc/passwd",
        "gopher://idp.example",
        "javascript:alert(1)",
        "HTTPS://idp.example",
        "https://",
        "https:///x",
        "https://user@idp.example",
        "https://user:pass@idp.example",
        "https://idp.example\\@evil.example",
        "https://idp.example#x",
        "https://idp.example:",
        "https://idp.example:99999",
        "https://idp.example:port",
        "https://idp.example.",
        "https://idp..example:0x1",
        "https://idp exämple",
        "https://exämple.org",
        "https://idp.example/\r\nHost: evil",
        "https://idp.example/\x00",
        "https://[::1",
        "https://-idp.example",
        "https://" + "a" * 254,
        "https://idp.example/" + "a" * 2000,
    ],
)
def test_a_url_that_two_readers_could_take_differently_is_refused(url: str) -> None:
    with pytest.raises(UntrustedAnswerError):
        parse_origin(url)


@pytest.mark.parametrize(
    ("url", "loopback", "accepted"),
    [
        ("https://idp.example", False, True),
        ("http://idp.example", False, False),
        ("http://idp.example", True, False),
        ("http://localhost:1", True, True),
        ("http://127.0.0.1:1", True, True),
        ("http://[::1]:1", True, True),
        ("http://localhost:1", False, False),
        ("http://localhost.evil.example", True, False),
        ("http://127.0.0.1.evil.example", True, False),
    ],
)
def test_plain_http_is_for_allowed_loopback_hosts_only(url: str, loopback: bool, accepted: bool) -> None:  # noqa: FBT001
    allow = AllowList(loopback=loopback)
    if accepted:
        allow.check(parse_origin(url))
    else:
        with pytest.raises(UntrustedAnswerError, match="not https"):
            allow.check(parse_origin(url))
