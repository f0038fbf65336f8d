"""A worker under a flood: quick refusals, bounded memory, health answered, others served (A-OP-06)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from broker.admission import PATIENCE_SECONDS, Places
from broker.serving import DEFAULT_THREADS
from tests.overload.flood import Caller, flooding, probe
from tests.overload.worker import Worker, worker_of
from tests.relying_service import Answer, RelyingService, call
from tests.running_hub import RunningHub

CONNECTIONS = 250
SECONDS = 4.0
MOST_GROWTH = 90
"""MiB: what some two hundred threads at work take, and no more for a longer flood."""
# Refusals take milliseconds; these are for a machine whose two cores also run the flood and other tests.
QUICK = 5.0
MOST = Places.working(DEFAULT_THREADS)


def one_source(_number: int) -> str:
    return "198.51.100.1"


def everybody(number: int) -> str:
    return f"100.{64 + number // 65_536 % 64}.{number // 256 % 256}.{number % 256}"


@pytest.mark.parametrize("source", [one_source, everybody])
def test_a_op_06_a_flood_is_turned_away_in_bounded_memory_while_health_answers(
    open_hub: RunningHub, fishing: RelyingService, worker: Worker, source: Callable[[int], str]
) -> None:
    before = worker.resident_mib
    url = fishing.ask().url(open_hub.issuer)

    with flooding(url, connections=CONNECTIONS, source=source) as seen:
        health = probe(f"{open_hub.issuer}/health/live", seconds=SECONDS)
        ready = probe(f"{open_hub.issuer}/health/ready", seconds=1.0)
        grown, threads = worker.resident_mib - before, worker.threads

    assert set(seen.statuses) <= {303, 503}, seen.statuses
    assert seen.statuses[303] > 0
    assert seen.statuses[503] > 0
    assert seen.longest[303] < PATIENCE_SECONDS + QUICK
    assert set(health.statuses) | set(ready.statuses) == {200}
    assert max(health.longest[200], ready.longest[200]) < QUICK
    assert threads <= MOST.threads + 16
    assert grown < MOST_GROWTH
    assert call("GET", url).status == 303


def test_a_op_06_others_are_served_while_one_source_floods(
    strict_hub: RunningHub, fishing: RelyingService
) -> None:
    url = fishing.ask().url(strict_hub.issuer)
    rows = len(strict_hub.entries())

    with flooding(url, connections=CONNECTIONS) as seen:
        time.sleep(0.5)
        others = probe(url, seconds=SECONDS)

    assert set(seen.statuses) <= {303, 429, 503}, seen.statuses
    assert set(others.statuses) == {303}, others.statuses
    # What the flood was allowed to write is what one source may begin, and the probe's own.
    assert len(strict_hub.entries()) - rows == seen.statuses[303] + others.statuses[303]
    assert seen.statuses[303] <= 2 * 40


def test_a_op_06_a_flood_from_everywhere_leaves_few_counts_behind(
    open_hub: RunningHub, fishing: RelyingService, worker: Worker
) -> None:
    url = f"{open_hub.issuer}/authorize?client_id=nobody"
    with flooding(url, connections=16, source=everybody) as seen:
        time.sleep(SECONDS)
        early = worker.resident_mib
        time.sleep(SECONDS)
        late = worker.resident_mib
    assert set(seen.statuses) <= {400, 503}
    assert late - early < 12


def test_who_is_turned_away_hears_when_to_come_back(open_hub: RunningHub, fishing: RelyingService) -> None:
    url = fishing.ask().url(open_hub.issuer)

    def until_refused(method: str, path: str, **headers: str) -> Answer:
        for _ in range(2000):
            answer = call(method, f"{open_hub.issuer}{path}", headers=headers)
            if answer.status == 503:
                return answer
        raise AssertionError("never turned away")

    with flooding(url, connections=CONNECTIONS, source=everybody):
        time.sleep(1.0)
        page = until_refused("GET", "/sign-in/0000-0000-0000", **{"Accept-Language": "cy"})
        json = until_refused("POST", "/token")

    for answer in (page, json):
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Cache-Control"] == "no-store"
    assert 'lang="cy"' in page.text
    assert 'id="journey-reference">0000-0000-0000<' in page.text
    assert 'data-code="hub_error" data-party="hub"' in page.text
    assert json.body["error"] == "temporarily_unavailable"


@pytest.mark.soak  # the server lets a thread go after half a minute
def test_threads_that_a_flood_needed_are_given_back(open_hub: RunningHub, fishing: RelyingService) -> None:
    worker = worker_of(open_hub)
    with flooding(fishing.ask().url(open_hub.issuer), connections=CONNECTIONS, source=everybody):
        time.sleep(1.0)
        assert worker.threads > 100
    end = time.monotonic() + 60
    caller = Caller(f"{open_hub.issuer}/health/live")
    while worker.threads > 60:
        assert time.monotonic() < end, worker.threads
        assert caller.ask({}) == 200
        time.sleep(1.0)
    caller.close()
