"""A hub that ends between its facts and its envelopes: each step can be taken again, and nothing is done twice.

Facts are in SQLite and envelopes in Redis; the power goes out after the commit, before Redis hears of it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import redis
from sqlalchemy import text

from broker.journeys import store as journeys
from broker.state.redis_store import RedisStore, RedisStoreWrites
from tests.citizen import Citizen
from tests.clocked_hub import ClockedHub, clocked_hub
from tests.engines.redis_server import RedisServer
from tests.relying_service import RelyingService, call
from tests.web_browser import Page

HOLD_SECONDS = 0.2
LEASE_SECONDS = 2


class PowerCutError(Exception):
    """Raised where the hub ends."""


@dataclass(slots=True)
class Power:
    """Goes out when the next unit of work wants to store its envelopes."""

    goes_out: bool = False
    cuts: int = field(default=0, init=False)

    def cut(self, step: Callable[[], object]) -> None:
        """Take a step during which the power goes out, and wait until what it held has lapsed."""
        self.goes_out, before = True, self.cuts
        step()
        assert self.cuts == before + 1
        time.sleep(HOLD_SECONDS)


@pytest.fixture(scope="module")
def address(redis_process: RedisServer) -> str:
    return redis_process.new_database()


@pytest.fixture(scope="module")
def timed(
    tmp_path_factory: pytest.TempPathFactory,
    address: str,
    fishing: RelyingService,
) -> Iterator[ClockedHub]:
    with clocked_hub(
        tmp_path_factory.mktemp("half-done"),
        services=[fishing.entry()],
        differences={"COUNTERSIGN_REDIS_URL": address},
    ) as hub:
        assert isinstance(hub.inside.envelopes.store, RedisStore)
        hub.inside.envelopes.store.hold_seconds = HOLD_SECONDS
        yield hub


@pytest.fixture
def beside(redis_process: RedisServer, address: str) -> Iterator[redis.Redis]:
    """Another client of the hub's store."""
    with redis_process.client(address) as client:
        yield client


@pytest.fixture
def power(monkeypatch: pytest.MonkeyPatch) -> Power:
    power, commit = Power(), RedisStoreWrites.commit

    def commit_unless_it_is_dark(writes: RedisStoreWrites) -> None:
        if power.goes_out and writes._lines:
            power.goes_out, power.cuts = False, power.cuts + 1
            raise PowerCutError
        commit(writes)

    monkeypatch.setattr(RedisStoreWrites, "commit", commit_unless_it_is_dark)
    return power


@pytest.fixture
def visitor(timed: ClockedHub) -> Citizen:
    return Citizen(timed)


def assert_decided_once(hub: ClockedHub, agreement: Page) -> None:
    counted = Counter(entry["kind"] for entry in hub.entries(agreement.reference))
    assert counted["consent.agreed"] + counted["consent.refused"] == 1
    assert counted["journey.completed"] + counted["journey.ended"] == 1


def test_an_agreement_is_recorded_once_and_its_code_given_to_who_asks_again(
    timed: ClockedHub, visitor: Citizen, power: Power, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    agreement = visitor.until_agreement(asked)
    power.cut(lambda: visitor.decide(agreement, tick=["postcode_area"]))

    landed = visitor.decide(agreement)

    signed_in = fishing.finish(timed.issuer, asked, landed)
    assert "postcode_area" in signed_in.userinfo, "what counts is the decision that was recorded"
    assert_decided_once(timed, agreement)
    visitor.sign_in(fishing, prompt="none")


def test_an_agreement_that_was_recorded_is_not_turned_into_a_refusal(
    timed: ClockedHub, visitor: Citizen, power: Power, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    agreement = visitor.until_agreement(asked)
    power.cut(lambda: visitor.decide(agreement))

    landed = visitor.decide(agreement, "refuse")

    fishing.finish(timed.issuer, asked, landed)
    assert_decided_once(timed, agreement)


@pytest.mark.parametrize("then", ["refuse", "allow"])
def test_a_refusal_is_recorded_once_and_stays_one(
    timed: ClockedHub, visitor: Citizen, power: Power, fishing: RelyingService, then: str
) -> None:
    agreement = visitor.until_agreement(fishing.ask())
    power.cut(lambda: visitor.decide(agreement, "refuse"))

    landed = visitor.decide(agreement, then)

    assert landed.query["error"] == "access_denied"
    assert_decided_once(timed, agreement)


def test_an_agreement_that_no_longer_stands_when_its_code_would_be_given_gives_none(
    timed: ClockedHub, visitor: Citizen, power: Power, fishing: RelyingService
) -> None:
    agreement = visitor.until_agreement(fishing.ask())
    power.cut(lambda: visitor.decide(agreement))
    with timed.inside.database.transaction() as connection:
        connection.execute(text("DELETE FROM consent_heads"))

    landed = visitor.decide(agreement)

    assert landed.query["error"] == "access_denied"
    assert visitor.decide(agreement).query == landed.query


def test_a_store_that_came_back_as_it_was_before_gives_no_second_code(
    timed: ClockedHub, visitor: Citizen, beside: redis.Redis, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    agreement = visitor.until_agreement(asked)
    snapshot = {name: beside.dump(name) for name in beside.scan_iter()}
    landed = visitor.decide(agreement)
    fishing.finish(timed.issuer, asked, landed)
    for name, value in snapshot.items():
        assert value is not None
        beside.restore(name, 600_000, value, replace=True)

    again = visitor.decide(agreement)

    assert again.status == 200
    assert "code=" not in again.text
    assert_decided_once(timed, agreement)
    assert fishing.redeem(timed.issuer, asked, landed.query["code"]).status == 400


def test_a_providers_answer_that_was_half_taken_leads_to_a_plain_page_and_on(
    timed: ClockedHub,
    visitor: Citizen,
    power: Power,
    fishing: RelyingService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journeys, "LEASE_SECONDS", LEASE_SECONDS)
    asked = fishing.ask()
    picker = visitor.visit(asked)
    answer = visitor.sign_in_there(visitor.choose(picker), follow=False).location
    power.cut(lambda: visitor.browser.get(answer, follow=False))

    waiting = visitor.browser.get(answer)
    assert waiting.elements["standing"]["data-standing"] == "waiting"
    time.sleep(LEASE_SECONDS)
    problem = visitor.browser.get(answer)

    assert problem.outcome == ("provider_error", "provider")
    picker = visitor.browser.submit(problem, "try-another")
    landed = visitor.decide(visitor.sign_in_there(visitor.choose(picker)))
    fishing.finish(timed.issuer, asked, landed)
    opened = [entry for entry in timed.entries(picker.reference) if entry["kind"] == "account.opened"]
    assert [entry["fields"]["new"] for entry in opened] == [True, False]


def test_a_code_that_was_spent_without_an_answer_gives_nothing_more(
    timed: ClockedHub, visitor: Citizen, power: Power, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    code = fishing.code(timed.issuer, asked, visitor.go_through(asked))
    power.cut(lambda: fishing.redeem(timed.issuer, asked, code))

    again = fishing.redeem(timed.issuer, asked, code)

    assert (again.status, again.body["error"]) == (400, "invalid_grant")
    assert visitor.sign_in(fishing).subject


def test_choosing_trying_another_and_cancelling_can_be_done_again(
    timed: ClockedHub, visitor: Citizen, power: Power, fishing: RelyingService
) -> None:
    picker = visitor.visit(fishing.ask())
    power.cut(lambda: visitor.choose(picker))
    problem = visitor.sign_in_there(visitor.choose(picker), "not-proved")
    power.cut(lambda: visitor.browser.submit(problem, "try-another"))
    picker = visitor.browser.submit(problem, "try-another")
    power.cut(lambda: visitor.browser.submit(picker, "cancel"))

    landed = visitor.browser.submit(picker, "cancel")

    assert landed.query["error"] == "access_denied"
    entries = timed.entries(picker.reference)
    attempts = [it["fields"]["attempt"] for it in entries if it["kind"] == "journey.provider_chosen"]
    assert attempts == [1, 1], "the trail says both times which attempt it was"


def test_a_request_that_was_lost_is_simply_made_again(
    timed: ClockedHub, visitor: Citizen, power: Power, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    power.cut(lambda: visitor.visit(asked))

    fishing.finish(timed.issuer, asked, visitor.go_through(asked))


def test_a_session_whose_use_was_lost_can_be_used_again(
    timed: ClockedHub, visitor: Citizen, power: Power, fishing: RelyingService
) -> None:
    visitor.sign_in(fishing)
    lost = fishing.ask(prompt="none")
    power.cut(lambda: visitor.visit(lost))
    asked = fishing.ask(prompt="none")

    signed_in = fishing.finish(timed.issuer, asked, visitor.visit(asked))

    assert call("GET", f"{timed.issuer}/userinfo", bearer=signed_in.access_token).status == 200
