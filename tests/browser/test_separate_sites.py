"""Everybody on TLS under a host name of their own: what `localhost` hides about cookies, policies and referrers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Cookie

from tests.browser.conftest import NewPerson
from tests.browser.federation import FISHING, HOSTS, LIBRARY, Federation, running_federation
from tests.browser.outside_site import MOVED_ON_TO, OutsideSite, outside_site
from tests.browser.person import Person
from tests.relying_service import RelyingService

SERVICE_HOST = "roaming.test"
ATTACKER = "evil.test"
SIBLING = "silent.hub.test"
"""A neighbour of the hub under the same registrable domain: same-site, so Lax cookies do travel with its forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """The federation, a site outside it, and a service whose callback is on that site."""

    federation: Federation
    outside: OutsideSite
    roaming: RelyingService

    @property
    def strangers(self) -> tuple[str, ...]:
        """Origins that a browser may speak to beside the federation's."""
        hosts = (SERVICE_HOST, MOVED_ON_TO, ATTACKER, SIBLING)
        return tuple(self.outside.url(host, "") for host in hosts)


@pytest.fixture(name="sites", scope="module")
def _sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    directory = tmp_path_factory.mktemp("sites")
    with outside_site(directory / "outside") as outside:
        callback = outside.url(SERVICE_HOST, "/callback")
        roaming = RelyingService(id="roaming", differences={"redirect_uris": [callback]})
        with running_federation(directory, hosts=HOSTS, more_services=(roaming.entry(),)) as federation:
            yield Sites(federation=federation, outside=outside, roaming=roaming)


@pytest.fixture(name="person")
def _person(new_person: NewPerson, sites: Sites) -> Person:
    return new_person(sites.federation, strangers=sites.strangers)


def _hub_cookies(person: Person) -> dict[str, Cookie]:
    held = person.context.cookies(person.federation.issuer)
    return {cookie.get("name", ""): cookie for cookie in held}


def test_a_sign_in_and_a_silent_one_across_sites(person: Person) -> None:
    person.sign_in_to(FISHING)
    assert person.is_at(FISHING)
    licence = person.received()

    person.start(LIBRARY)
    assert person.page.locator("#already-signed-in").is_visible()
    person.decide()
    assert person.is_at(LIBRARY)
    assert person.received()["sub"] != licence["sub"]

    person.page.goto(f"{person.federation.services[FISHING]}/sign-out")
    person.press("a#start")
    assert person.is_at(FISHING)
    assert person.received() == licence


def test_cookies_belong_to_one_host_and_no_script_and_change_with_trust_a_js_01(person: Person) -> None:
    person.start(FISHING)
    name = f"__Host-journey-{person.reference()}"
    begun = _hub_cookies(person)
    assert begun.keys() == {name}
    person.switch_language("cy")
    person.choose()
    person.sign_in()
    identified = _hub_cookies(person)

    assert identified.keys() == {name, "__Host-session", "lang"}
    assert begun[name].get("value") != identified[name].get("value")
    for cookie in identified.values():
        assert cookie.get("secure")
        assert cookie.get("httpOnly")
        assert cookie.get("sameSite") == "Lax"
        assert cookie.get("path") == "/"
        assert cookie.get("domain") == HOSTS["hub"]
    person.decide()
    assert person.is_at(FISHING)


def test_a_form_may_end_at_a_service_that_sends_people_on_to_another_host(
    sites: Sites, person: Person
) -> None:
    asked = sites.roaming.ask()
    person.page.goto(asked.url(sites.federation.issuer))
    person.choose()
    person.sign_in()
    person.decide()

    person.page.wait_for_url(sites.outside.url(MOVED_ON_TO, "/landed?**"))
    landed = sites.outside.seen[-1]
    assert landed.query.keys() == {"code", "iss", "state"}
    assert landed.query["state"] == asked.state

    # The same for turning back at the picker, and for a refusal.
    again = sites.roaming.ask(prompt="login")
    person.page.goto(again.url(sites.federation.issuer))
    person.press("form#cancel button")
    person.page.wait_for_url(sites.outside.url(MOVED_ON_TO, f"/landed?*state={again.state}*"))
    once_more = sites.roaming.ask(prompt="login consent")
    person.page.goto(once_more.url(sites.federation.issuer))
    person.choose()
    person.sign_in()
    person.decide("refuse")
    person.page.wait_for_url(sites.outside.url(MOVED_ON_TO, f"/landed?*state={once_more.state}*"))


def test_a_request_may_come_by_post_from_another_site(sites: Sites, person: Person) -> None:
    person.sign_in_to(FISHING)
    asked = sites.roaming.ask()
    sites.outside.show_post(f"{sites.federation.issuer}/authorize", asked.parameters)
    person.page.goto(sites.outside.url(SERVICE_HOST))
    person.press("button")

    assert person.is_at_hub()
    # The session was seen although the browser keeps Lax cookies from a form of another site.
    assert person.page.locator("#already-signed-in").is_visible()
    crossing = [it for it in person.watch.navigations() if urlsplit(it.url).path.startswith("/authorize")]
    posted = next(request for request in crossing if request.method == "POST")
    assert "cookie" not in posted.all_headers()
    assert "__Host-session" in crossing[-1].all_headers()["cookie"]
    person.decide()
    person.page.wait_for_url(sites.outside.url(MOVED_ON_TO, "/landed?**"))
    assert sites.outside.seen[-1].query["state"] == asked.state


@pytest.mark.parametrize("framing_host", [ATTACKER, SIBLING])
def test_no_page_of_the_hub_shows_in_a_frame_a_az_06(sites: Sites, person: Person, framing_host: str) -> None:
    person.watch.foretell("frame-ancestors", "ERR_BLOCKED_BY_RESPONSE", "X-Frame-Options")
    person.watch.expect(410)  # a stranger's frame is not even given the journey's cookie
    person.until_agreement(FISHING)
    agreement = person.page.url
    framed = person.new_tab()
    issuer = sites.federation.issuer
    for url in (agreement, sites.roaming.ask().url(issuer), f"{issuer}/", f"{issuer}/privacy"):
        sites.outside.show_frame(url)
        framed.page.goto(sites.outside.url(framing_host), wait_until="networkidle")
        (frame,) = [frame for frame in framed.page.frames if frame.parent_frame is not None]
        assert frame.url == "chrome-error://chromewebdata/", url
        assert frame.locator("form, h1.govuk-heading-l, h1.govuk-heading-xl").count() == 0


def test_a_neighbours_form_changes_nothing_even_with_a_stolen_token_a_js_04(
    sites: Sites, person: Person
) -> None:
    person.watch.expect(403, 410)
    person.until_agreement(FISHING)
    form = person.page.locator("form#agreement")
    fields = {
        name: form.locator(f"input[name={name}]").input_value()
        for name in ("form_token", "notice", "language")
    }
    sites.outside.show_post(person.page.url, {**fields, "decision": "allow"})
    # A neighbour's form brings the cookies along; a stranger's does not even do that.
    for host, code in ((SIBLING, ("hub_error", "hub")), (ATTACKER, ("expired", "citizen"))):
        other = person.new_tab()
        other.page.goto(sites.outside.url(host))
        other.press("button")
        assert other.is_at_hub()
        assert other.outcome() == code

    person.refresh()
    person.decide()
    assert person.is_at(FISHING)


def test_nobody_is_told_where_somebody_came_from_a_az_07(sites: Sites, person: Person) -> None:
    person.sign_in_to(FISHING, tick=["postcode_area"])
    licence = person.received()
    person.start(FISHING, "prompt=login")
    person.choose()
    person.sign_in("cancel")
    person.press("a#return-to-service")
    assert person.is_at(FISHING)

    told = [request for request in person.watch.requests if "referer" in request.all_headers()]
    assert [(request.method, request.url) for request in told] == []
    addresses = unquote(" ".join(request.url for request in person.watch.requests))
    assert licence["family_name"] not in addresses
    assert licence["sub"] not in addresses
    # After a form comes a GET, never the form again (RFC 9700 4.12).
    assert all(
        request.redirected_from is None for request in person.watch.navigations() if request.method == "POST"
    )
