"""The benchmark itself, made small: it drives the real hub, so it must follow whatever the hub becomes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PROMISED = {
    *("cpu_ms", "journeys_per_s", "failures", "p50_ms", "p95_ms", "p99_ms"),
    *("statements", "commits", "rss_mib"),
}
# Six servers and five hundred journeys, on a machine that has other tests to run.
pytestmark = pytest.mark.timeout(400)


class Benchmark(NamedTuple):
    """A benchmark that has run on one engine: what it printed and what it wrote."""

    engine: str
    told: str
    results: dict[str, Any]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def benchmark(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    results = tmp_path_factory.mktemp("bench") / "results.json"
    size = ["--engine", request.param, "--people", "2", "--journeys", "10"]
    done = subprocess.run(
        [sys.executable, "bench/run.py", *size, "--profile", "--out", str(results)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=380,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Benchmark(request.param, done.stdout, json.loads(results.read_text(encoding="utf-8")))


def test_every_journey_of_both_scenarios_goes_as_it_should(benchmark: Benchmark) -> None:
    cells = benchmark.results[benchmark.engine]
    for scenario in ("first", "returning"):
        assert (cells[scenario]["2"]["journeys"], cells[scenario]["2"]["failures"]) == (10, 0)


def test_the_results_have_the_promised_shape(benchmark: Benchmark) -> None:
    results = benchmark.results
    assert set(results) == {benchmark.engine, "floor"}
    for scenario in ("first", "returning"):
        cell = results[benchmark.engine][scenario]["2"]
        assert set(cell) >= PROMISED
        assert all(cell[name] > 0 for name in PROMISED - {"failures"})
        assert results["floor"][benchmark.engine][scenario]["cpu_ms"] > 0


def test_what_a_journey_costs_is_told_step_by_step(benchmark: Benchmark) -> None:
    for words in ("agree page", "userinfo", "bare request", "INSERT journal", "by kind of work"):
        assert words in benchmark.told


def test_calls_of_redis_are_counted_where_there_is_one(benchmark: Benchmark) -> None:
    calls = [
        benchmark.results[benchmark.engine][name]["2"]["redis_round_trips"] for name in ("first", "returning")
    ]
    assert all(calls) if benchmark.engine == "postgres" else not any(calls)


def test_an_engine_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "bench/run.py", "--engine", "abacus", "--out", str(tmp_path / "results.json")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (
        1,
        "Error: there is no engine abacus: choose from sqlite, postgres\n",
    )
