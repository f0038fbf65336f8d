"""Whichever hub a request comes to, journeys go on: also when one ends in the middle, or is told to."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.citizen import Citizen
from tests.load_balanced.balanced_hubs import BalancedHubs
from tests.relying_service import RelyingService, SignedIn, call
from tests.web_browser import Page

STEPS = ("choose", "sign in there", "decide", "redeem", "collect")


@pytest.fixture
def both(hubs: BalancedHubs) -> Iterator[BalancedHubs]:
    """Both processes, started again when a story has ended one."""
    yield hubs
    for number in (0, 1):
        if hubs.group[f"hub-{number}"].ended:
            hubs.start(number)


def test_journeys_pass_at_both_hubs_by_turns(
    hubs: BalancedHubs, fishing: RelyingService, library: RelyingService
) -> None:
    for _ in range(3):
        citizen = Citizen(hubs)
        first = citizen.sign_in(fishing)
        assert first.userinfo["name"] == citizen.person.claims["name"]
        assert citizen.sign_in(library).subject != first.subject
        assert citizen.sign_in(fishing).subject == first.subject
        assert citizen.elsewhere().sign_in(fishing).subject == first.subject

    for path in ("/authorize", "/callback", "/agree", "/token", "/userinfo"):
        lines = [line for line in hubs.nginx.requests if path in line]
        assert all(any(address in line for line in lines) for address in hubs.addresses), (path, lines)


def test_a_crowd_passes(hubs: BalancedHubs, library: RelyingService) -> None:
    people = [Citizen(hubs) for _ in range(16)]

    with ThreadPoolExecutor(8) as pool:
        signed_in = list(pool.map(lambda each: each.sign_in(library), people))

    assert [each.userinfo["name"] for each in signed_in] == [each.person.claims["name"] for each in people]


@pytest.mark.parametrize("step", STEPS)
def test_killing_a_hub_in_the_middle_of_a_journey_loses_nothing(
    both: BalancedHubs, citizen: Citizen, fishing: RelyingService, step: str
) -> None:
    signed_in = _sign_in_while_a_hub_ends(both, citizen, fishing, step)

    assert signed_in.userinfo["name"] == citizen.person.claims["name"]
    assert citizen.elsewhere().sign_in(fishing).subject == signed_in.subject


def _sign_in_while_a_hub_ends(
    hubs: BalancedHubs, citizen: Citizen, service: RelyingService, step: str
) -> SignedIn:
    """Kill a hub before one step; which one, differs from step to step."""

    def before(name: str) -> None:
        if name == step:
            hubs.kill(STEPS.index(step) % 2)

    asked = service.ask()
    page = citizen.visit(asked)
    before("choose")
    page = citizen.choose(page)
    before("sign in there")
    page = citizen.sign_in_there(page)
    before("decide")
    page = citizen.decide(page)
    code = service.code(hubs.issuer, asked, page)
    before("redeem")
    answer = service.redeem(hubs.issuer, asked, code)
    assert answer.status == 200, answer
    tokens = answer.body
    claims = service.verified(hubs.issuer, asked, tokens)
    before("collect")
    userinfo = call("GET", f"{hubs.issuer}/userinfo", bearer=tokens["access_token"]).body
    return SignedIn(
        id_token=tokens["id_token"], access_token=tokens["access_token"], claims=claims, userinfo=userinfo
    )


def _begin_to_wait_for_the_provider(
    hubs: BalancedHubs, citizen: Citizen, service: RelyingService, answers: list[Page]
) -> threading.Thread:
    """Let a browser come back from a provider that is slow to answer the hub; gives the browser that waits."""
    page = citizen.choose(citizen.visit(service.ask()))
    waiting = threading.Thread(target=lambda: answers.append(citizen.sign_in_there(page, "slow")))
    waiting.start()
    time.sleep(1)
    return waiting


def test_a_request_under_way_is_answered_when_its_hub_is_told_to_stop(
    both: BalancedHubs, citizen: Citizen, fishing: RelyingService
) -> None:
    answers: list[Page] = []
    waiting = _begin_to_wait_for_the_provider(both, citizen, fishing, answers)

    for number in (0, 1):
        both.tell(number, signal.SIGTERM)

    waiting.join(30)
    # The answer was a redirect to the agreement, which nobody is left to show.
    assert [each.status for each in citizen.browser.history if each.path.endswith("/callback")] == [303]
    assert [both.ended(number) for number in (0, 1)] == [0, 0]
    both.start(0)
    page = citizen.browser.get(answers[0].url)
    assert "agreement" in page.forms


def test_a_hub_that_is_killed_while_it_waits_for_a_provider_is_followed_by_the_other_one(
    both: BalancedHubs, citizen: Citizen, fishing: RelyingService
) -> None:
    answers: list[Page] = []
    waiting = _begin_to_wait_for_the_provider(both, citizen, fishing, answers)
    # nginx gives requests to both by turns: the last that was answered went to the one that has nothing to do.
    idle = [both.addresses[number] in both.nginx.requests[-1] for number in (0, 1)].index(True)
    both.kill(1 - idle)
    waiting.join(30)

    # The dead hub's claim on the provider's answer lapses after a minute; until then the page looks again by itself.
    assert answers[0].status == 200
    assert answers[0].elements["standing"]["data-standing"] == "waiting"
    assert answers[0].reference


def test_a_reload_changes_the_workers_and_nobody_notices(
    both: BalancedHubs, citizen: Citizen, fishing: RelyingService
) -> None:
    answers: list[Page] = []
    waiting = _begin_to_wait_for_the_provider(both, citizen, fishing, answers)
    asked, statuses = threading.Event(), set()

    def keep_asking() -> None:
        while not asked.wait(0.02):
            statuses.add(call("GET", f"{both.issuer}/.well-known/openid-configuration").status)

    asking = threading.Thread(target=keep_asking)
    asking.start()
    before = [_workers(both, number) for number in (0, 1)]
    for number in (0, 1):
        both.tell(number, signal.SIGHUP)
    deadline = time.monotonic() + 30
    while any(_workers(both, number) & before[number] for number in (0, 1)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    asked.set()
    asking.join(30)
    waiting.join(30)

    assert statuses == {200}
    assert "agreement" in answers[0].forms
    assert citizen.decide(answers[0]).url.startswith(fishing.redirect_uri)


def _workers(hubs: BalancedHubs, number: int) -> set[int]:
    parent = hubs.group[f"hub-{number}"].process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
    return set(map(int, children.split()))
