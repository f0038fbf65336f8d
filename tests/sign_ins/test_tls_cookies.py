"""With TLS and host names of their own, cookies are the hub's alone (A-JS-01), and no plain address appears."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from urllib.parse import urlencode, urlsplit

import pytest
import urllib3

from tests.relying_service import RelyingService
from tests.running_hub import RunningHub, running_hub

HOSTS = {"hub": "hub.example", "northgate": "northgate.example"}


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory, fishing: RelyingService) -> Iterator[RunningHub]:
    services = [fishing.entry()]
    with running_hub(
        tmp_path_factory.mktemp("named"), services=services, providers={"northgate": {}}, hosts=HOSTS
    ) as hub:
        yield hub


def ask(
    hub: RunningHub,
    method: str,
    url: str,
    *,
    cookies: Mapping[str, str] = MappingProxyType({}),
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> urllib3.BaseHTTPResponse:
    """Send a request to a party by its name, which only this federation knows."""
    parts = urlsplit(url)
    assert hub.authority is not None
    sent = {"Host": parts.netloc, **headers}
    if cookies:
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    if fields is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    with urllib3.HTTPSConnectionPool(
        "127.0.0.1",
        parts.port,
        server_hostname=parts.hostname,
        assert_hostname=parts.hostname,
        ca_certs=str(hub.authority.bundle),
        retries=False,
    ) as pool:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        body = None if fields is None else urlencode(fields)
        return pool.request(method, path, body=body, headers=sent, redirect=False)


def test_a_js_01_every_cookie_is_host_bound_secure_http_only_and_lax(
    named: RunningHub, fishing: RelyingService
) -> None:
    begun = ask(named, "GET", fishing.ask().url(named.issuer))

    assert begun.status == 303
    (cookie,) = begun.headers.getlist("Set-Cookie")
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith("__Host-journey-")
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= flags
    assert not [flag for flag in flags if flag.startswith("domain")]


def test_a_whole_journey_works_between_parties_on_separate_names(
    named: RunningHub, fishing: RelyingService
) -> None:
    begun = ask(named, "GET", fishing.ask().url(named.issuer))
    name, _, value = begun.headers["Set-Cookie"].partition(";")[0].partition("=")
    page_url = named.issuer + begun.headers["Location"]
    page = ask(named, "GET", page_url, cookies={name: value}).data.decode()
    token = page.partition('name="form_token" value="')[2].partition('"')[0]

    chosen = ask(
        named,
        "POST",
        page_url,
        cookies={name: value},
        fields={"form_token": token, "provider": "northgate"},
    )
    assert chosen.headers["Location"].startswith(named.providers["northgate"])
    at_provider = ask(named, "GET", chosen.headers["Location"], headers={"X-Stub-Persona": "welsh"})
    answer = at_provider.headers["Location"]
    assert answer.startswith(f"{named.issuer}/providers/northgate/callback?")
    returned = ask(named, "GET", answer, cookies={name: value})

    assert returned.headers["Location"].endswith("/agree")
    names = {cookie.partition("=")[0] for cookie in returned.headers.getlist("Set-Cookie")}
    assert {name, "__Host-session"} <= names
    assert all("secure" in cookie.lower() for cookie in returned.headers.getlist("Set-Cookie"))


def test_pages_demand_tls_and_every_address_of_the_hub_is_its_issuers(
    named: RunningHub, fishing: RelyingService
) -> None:
    metadata = ask(named, "GET", f"{named.issuer}/.well-known/openid-configuration")

    assert "http://" not in metadata.data.decode()
    page = ask(named, "GET", f"{named.issuer}/privacy")
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_cookie_without_its_prefix_opens_nothing(named: RunningHub, fishing: RelyingService) -> None:
    begun = ask(named, "GET", fishing.ask().url(named.issuer))
    name, _, value = begun.headers["Set-Cookie"].partition(";")[0].partition("=")
    url = named.issuer + begun.headers["Location"]

    tossed = name.removeprefix("__Host-")
    for planted in (tossed, f"countersign-{tossed}", f"__Secure-{tossed}"):
        assert ask(named, "GET", url, cookies={planted: value}).status == 410
    assert ask(named, "GET", url, cookies={name: value}).status == 200
