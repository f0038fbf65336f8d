"""The metrics as Prometheus finds them, beside real hubs: on their own address, from every worker, about nobody."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from broker.demo.processes import find_free_port
from tests.citizen import Citizen
from tests.engines.engine import Engine
from tests.relying_service import RelyingService, call
from tests.running_hub import HUB, RunningHub, running_hub

WORKERS = 2
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Scraped:
    """One scrape: every sample by its name and labels."""

    text: str
    samples: Mapping[tuple[str, frozenset[tuple[str, str]]], float]

    def value(self, name: str, **labels: str) -> float:
        """The sample with exactly these labels; 0 when there is none."""
        return self.samples.get((name, frozenset(labels.items())), 0.0)

    def labels(self, name: str) -> set[str]:
        """Every value of every label of a metric."""
        return {value for sample, labels in self.samples if sample == name for _, value in labels}


@dataclass(frozen=True, slots=True)
class Measured:
    """A hub and where its metrics are."""

    hub: RunningHub
    address: str

    def scrape(self) -> Scraped:
        answer = call("GET", f"{self.address}/metrics")
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        families = text_string_to_metric_families(answer.text)
        return Scraped(
            answer.text,
            {
                (sample.name, frozenset(sample.labels.items())): sample.value
                for family in families
                for sample in family.samples
            },
        )

    def until(self, holds: Callable[[Scraped], bool]) -> Scraped:
        end = time.monotonic() + _PATIENCE
        while not holds(found := self.scrape()):
            assert time.monotonic() < end, found.text
            time.sleep(0.2)
        return found


@pytest.fixture(scope="module")
def service() -> RelyingService:
    return RelyingService(id="fishing-licence")


@pytest.fixture(scope="module")
def measured(
    tmp_path_factory: pytest.TempPathFactory, service: RelyingService, engine: Engine
) -> Iterator[Measured]:
    address = f"127.0.0.1:{find_free_port()}"
    options = ("--metrics-bind", address, "--workers", str(WORKERS))
    with running_hub(
        tmp_path_factory.mktemp("measured"),
        services=[service.entry()],
        providers={"northgate": {}},
        environment=engine.new_home(),
        options=options,
    ) as hub:
        yield Measured(hub, f"http://{address}")


def test_a_sign_in_is_counted_when_it_is_durable(measured: Measured, service: RelyingService) -> None:
    before = measured.scrape()
    Citizen(measured.hub).sign_in(service)
    Citizen(measured.hub).go_through(service.ask(), decision="refuse")
    Citizen(measured.hub).go_through(service.ask(), outcome="cancel")
    after = measured.scrape()

    def grown(name: str, **labels: str) -> float:
        return after.value(name, **labels) - before.value(name, **labels)

    ended = "countersign_journeys_ended_total"
    assert grown(ended, outcome="completed", party="hub") == 1
    assert grown(ended, outcome="refused_by_citizen", party="citizen") == 1
    answers = "countersign_provider_answers_total"
    assert grown(answers, provider="northgate", outcome="completed") == 2
    assert grown(answers, provider="northgate", outcome="cancelled_by_citizen") == 1
    events = "countersign_events_total"
    assert grown(events, kind="journey.started") == 3
    assert grown(events, kind="attributes.released") == 1
    assert grown("countersign_request_seconds_count", endpoint="authorize.authorize", status="303") == 3
    assert grown("countersign_request_seconds_count", endpoint="token.token", status="200") == 1
    assert grown("countersign_provider_call_seconds_count", provider="northgate", result="answered") >= 4
    assert grown("countersign_database_seconds_count", operation="transaction") >= 8
    assert grown("countersign_database_seconds_count", operation="read") > 0
    rows = measured.hub.rows("SELECT MAX(position) FROM journal")
    assert after.value("countersign_audit_journal_position") == rows[0][0]


def test_a_store_of_its_own_is_timed_as_one(
    measured: Measured, service: RelyingService, engine: Engine
) -> None:
    Citizen(measured.hub).sign_in(service)
    found = measured.scrape()
    timed = all(
        found.value("countersign_store_seconds_count", operation=name) > 0 for name in ("read", "write")
    )
    assert timed is ("COUNTERSIGN_REDIS_URL" in engine.new_home())


def test_no_metric_is_about_a_person_or_grows_with_what_people_send(
    measured: Measured, service: RelyingService
) -> None:
    citizen = Citizen(measured.hub)
    signed_in = citizen.sign_in(service)
    for path in (
        "/nowhere-1",
        "/nowhere-2",
        "/sign-in/0000-0000-0001",
        "/providers/nobody-1/callback?state=x",
    ):
        call("GET", measured.hub.issuer + path)
    call("POST", f"{measured.hub.issuer}/token", form={"client_id": "nobody-2", "client_secret": "x"})
    found = measured.scrape()

    assert not citizen.tells_of_me(found.text)
    assert signed_in.subject not in found.text
    assert "nowhere" not in found.text
    assert "nobody" not in found.text
    assert not re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", found.text)
    assert "127.0.0.1" not in found.text
    assert found.labels("countersign_request_seconds_sum") & {"none"}


def test_every_worker_is_in_the_sum_and_one_that_dies_leaves_its_counts(
    measured: Measured, service: RelyingService
) -> None:
    for _ in range(10):
        Citizen(measured.hub).sign_in(service)
    parent = measured.hub.group[HUB].process.pid
    alive = measured.until(lambda found: found.value("countersign_workers") == WORKERS)
    completed = alive.value("countersign_journeys_ended_total", outcome="completed", party="hub")
    assert completed >= 10
    assert alive.value("countersign_workers_resident_bytes") > WORKERS * 50 * 1024 * 1024

    victim = _workers(measured)[0]
    assert victim != parent
    os.kill(victim, signal.SIGKILL)

    survived = measured.until(
        lambda found: victim not in _workers(measured) and found.value("countersign_workers") == WORKERS
    )
    kept = survived.value("countersign_journeys_ended_total", outcome="completed", party="hub")
    assert kept == completed


def test_metrics_are_nowhere_else(measured: Measured) -> None:
    assert call("GET", f"{measured.hub.issuer}/metrics").status == 404
    assert call("GET", f"{measured.address}/").status == 404
    assert call("GET", f"{measured.address}/health/live").status == 404


def test_what_is_in_flight_is_sampled(measured: Measured) -> None:
    found = measured.until(
        lambda it: ("state", "at_work") in _all_labels(it, "countersign_requests_in_flight")
    )
    assert found.value("countersign_requests_in_flight", state="waiting") == 0


def test_a_hub_that_stops_takes_its_metrics_with_it(
    tmp_path: Path, service: RelyingService, engine: Engine
) -> None:
    address = f"127.0.0.1:{find_free_port()}"
    with running_hub(
        tmp_path,
        services=[service.entry()],
        providers={"northgate": {}},
        environment=engine.new_home(),
        options=("--metrics-bind", address),
    ) as hub:
        assert call("GET", f"http://{address}/metrics").status == 200
        (directory,) = _directories(_workers(Measured(hub, address))[0])
        hub.group.stop(HUB)
        end = time.monotonic() + _PATIENCE
        while _answers(address):
            assert time.monotonic() < end
            time.sleep(0.1)
        assert not directory.exists()


def _answers(address: str) -> bool:
    try:
        return call("GET", f"http://{address}/metrics").status == 200
    except Exception:  # noqa: BLE001 - whatever it is, nobody answered
        return False


def _directories(worker: int) -> list[Path]:
    files = Path("/dev/shm").glob(f"countersign-metrics-*/histogram_{worker}.db")  # noqa: S108 - the hub's choice
    return [file.parent for file in files]


def _all_labels(found: Scraped, name: str) -> set[tuple[str, str]]:
    return {label for sample, labels in found.samples if sample == name for label in labels}


def _workers(measured: Measured) -> list[int]:
    """The hub's processes that serve: all but the one that gives the metrics, which was started first."""
    parent = measured.hub.group[HUB].process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in children[1:]]
