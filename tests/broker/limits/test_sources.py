from __future__ import annotations

import ipaddress

import pytest

from broker.limits.sources import Sources

KEY = b"k" * 32
PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))
DIRECT = Sources(key=KEY)
PROXIED = Sources(key=KEY, trusted_proxies=PROXIES)


def _of(sources: Sources, remote: str, forwarded: str | None = None) -> str | None:
    environ = {"REMOTE_ADDR": remote}
    return sources.of(environ if forwarded is None else {**environ, "HTTP_X_FORWARDED_FOR": forwarded})


def test_a_source_is_named_by_a_keyed_hash() -> None:
    named = _of(DIRECT, "198.51.100.7")
    assert named is not None
    assert named == _of(DIRECT, "198.51.100.7")
    assert named != _of(DIRECT, "198.51.100.8")
    assert named != _of(Sources(key=b"other" * 6), "198.51.100.7")
    assert "198" not in named


@pytest.mark.parametrize("forwarded", ["203.0.113.1", "203.0.113.1, 10.0.0.2", "::1", "nonsense"])
def test_a_header_from_anybody_else_than_a_configured_proxy_counts_for_nothing(forwarded: str) -> None:
    assert _of(PROXIED, "198.51.100.7", forwarded) == _of(DIRECT, "198.51.100.7")
    assert _of(DIRECT, "10.0.0.1", forwarded) == _of(DIRECT, "10.0.0.1")


@pytest.mark.parametrize(
    "forwarded",
    [
        "203.0.113.1",
        " 203.0.113.1 ",
        "203.0.113.1:4711",
        "::ffff:203.0.113.1",
        "192.0.2.99,203.0.113.1",
        "10.9.9.9, 203.0.113.1, 10.0.0.7",
        "spoofed, 203.0.113.1, fd00::7",
        "203.0.113.1, [fd00::7]:443",
        ", ".join([*["192.0.2.1"] * 500, "203.0.113.1"]),
    ],
)
def test_behind_proxies_the_rightmost_hop_that_is_not_one_of_them_is_the_source(forwarded: str) -> None:
    assert _of(PROXIED, "10.0.0.1", forwarded) == _of(DIRECT, "203.0.113.1")


def test_what_a_proxy_wrote_without_sense_leaves_the_proxy_as_the_source() -> None:
    assert _of(PROXIED, "10.0.0.1", "unknown") == _of(DIRECT, "10.0.0.1")
    assert _of(PROXIED, "10.0.0.1", "") == _of(DIRECT, "10.0.0.1")
    assert _of(PROXIED, "10.0.0.1", "203.0.113.1, garbage, 10.0.0.2") == _of(DIRECT, "10.0.0.2")


def test_addresses_of_one_ipv6_subscriber_are_one_source() -> None:
    assert _of(DIRECT, "2001:db8:1:2::1") == _of(DIRECT, "2001:db8:1:2:ffff::9")
    assert _of(DIRECT, "2001:db8:1:2::1") != _of(DIRECT, "2001:db8:1:3::1")


def test_a_local_hub_does_not_tell_loopback_apart() -> None:
    local = Sources(key=KEY, trusted_proxies=(ipaddress.ip_network("127.0.0.0/8"),), loopback_counts=False)
    assert _of(local, "127.0.0.1") is None
    assert _of(local, "::1") is None
    assert _of(local, "127.0.0.1", "203.0.113.1") == _of(DIRECT, "203.0.113.1")
    assert _of(DIRECT, "127.0.0.1") is not None


def test_a_server_that_names_no_address_still_has_a_source() -> None:
    assert _of(DIRECT, "") == "unknown"
