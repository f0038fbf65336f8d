"""The benchmark itself, made small: it drives the real hub, so it must follow whatever the hub becomes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PROMISED = {
    *("cpu_ms", "journeys_per_s", "failures", "p50_ms", "p95_ms", "p99_ms"),
    *("statements", "commits", "rss_mib"),
}


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    results = tmp_path_factory.mktemp("bench") / "results.json"
    size = ["--people", "2", "--journeys", "20"]
    done = subprocess.run(
        [sys.executable, "bench/run.py", *size, "--profile", "--out", str(results)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads(results.read_text(encoding="utf-8"))


def test_every_journey_of_both_scenarios_goes_as_it_should(benchmark: tuple[str, dict[str, Any]]) -> None:
    cells = benchmark[1]["sqlite"]
    assert [
        (cells[name]["2"]["journeys"], cells[name]["2"]["failures"]) for name in ("first", "returning")
    ] == [
        (20, 0),
        (20, 0),
    ]


def test_the_results_have_the_promised_shape(benchmark: tuple[str, dict[str, Any]]) -> None:
    results = benchmark[1]
    assert set(results) == {"sqlite", "floor"}
    for scenario in ("first", "returning"):
        cell = results["sqlite"][scenario]["2"]
        assert set(cell) >= PROMISED
        assert all(cell[name] > 0 for name in PROMISED - {"failures"})
        assert results["floor"]["sqlite"][scenario]["cpu_ms"] > 0


def test_what_a_journey_costs_is_told_step_by_step(benchmark: tuple[str, dict[str, Any]]) -> None:
    told = benchmark[0]
    for words in ("agree page", "userinfo", "bare request", "INSERT journal", "database: commits"):
        assert words in told


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
