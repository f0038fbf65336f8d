"""Runs beside each other: what a filled hub costs more, and how much faster several workers are."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from bench.citizen import Journey
from bench.comparison import flatness, print_flatness, print_speed_up, print_table, speed_up
from bench.crowd import CrowdResult
from bench.figures import Cell, Run
from bench.floor import Part
from bench.observed import Observation, Passes
from bench.results import write_results
from bench.steps import FIRST


def cell(*, journeys: int = 100, cpu: float, cores: int = 1, seconds: float = 1.0, idle: float = 0.0) -> Cell:
    crowd = CrowdResult(
        people=8,
        journeys=(Journey(subject="s", id_token="t", seconds=0.01, step_seconds=()),) * journeys,
        failures=Counter(),
        seconds=seconds,
        hub_cpu_seconds=cpu,
        cores=cores,
        idle_seconds=idle,
    )
    return Cell(crowd=crowd, rss_mib=100, statements=20, commits=4, redis_round_trips=0, idle_rss_mib=90)


def run(cell: Cell, *, filled: bool = False, workers: int = 1) -> Run:
    return Run(
        engine="sqlite",
        scenario=FIRST,
        filled=filled,
        workers=workers,
        cells={8: cell},
        seen=Observation(passes=Passes()),
        uses={Part.SIGN: 2.0},
        floor={Part.SIGN: 50.0},
    )


def test_a_filled_hub_is_flat_within_a_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    empty = cell(cpu=1.0)
    assert flatness(empty, cell(cpu=1.05)) == pytest.approx(0.05)

    print_flatness([run(empty), run(cell(cpu=1.05), filled=True)])
    print_flatness([run(empty), run(cell(cpu=1.2), filled=True)])

    told = capsys.readouterr().out
    assert "+5.0%  flat" in told
    assert "+20.0%  NOT FLAT" in told


def test_a_comparison_on_a_busy_machine_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    quiet, busy = cell(cpu=1.0), cell(cpu=1.2, seconds=2.0)
    print_flatness([run(quiet), run(busy, filled=True)])
    assert "(others took 0% and 40% of the core)" in capsys.readouterr().out


def test_two_workers_that_cost_the_same_cpu_and_never_wait_are_twice_as_fast() -> None:
    assert speed_up(cell(cpu=0.5), cell(cpu=0.5, cores=2, seconds=0.5)) == pytest.approx(2.0)


def test_time_that_several_workers_leave_idle_counts_against_them() -> None:
    assert speed_up(cell(cpu=0.5), cell(cpu=0.5, cores=2, seconds=0.5, idle=0.5)) == pytest.approx(1.0)


def test_time_that_one_worker_waits_for_its_people_is_no_reason_to_praise_several() -> None:
    assert speed_up(cell(cpu=0.5, idle=0.4), cell(cpu=0.5, cores=2)) == pytest.approx(2.0)


def test_several_workers_are_told_beside_one(capsys: pytest.CaptureFixture[str]) -> None:
    print_speed_up([run(cell(cpu=0.5)), run(cell(cpu=0.5, cores=2), workers=2)])
    assert "2.00 times" in capsys.readouterr().out


def test_nothing_is_compared_where_there_is_nothing_to_compare(capsys: pytest.CaptureFixture[str]) -> None:
    print_flatness([run(cell(cpu=1.0))])
    print_speed_up([run(cell(cpu=1.0))])
    assert capsys.readouterr().out == ""


def test_the_table_has_the_ratio_to_the_floor(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([run(cell(cpu=1.0))])
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.split()[:7] == ["sqlite,", "first", "8", "0", "10.00", "0.10", "100.00"]


def test_a_full_benchmarks_results_are_the_filled_hubs_with_the_empty_ones_apart(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    runs = [run(cell(cpu=1.0)), run(cell(cpu=1.1), filled=True), run(cell(cpu=1.2), filled=True, workers=2)]

    write_results(file, runs, full=True)

    results = json.loads(file.read_text(encoding="utf-8"))
    assert results["sqlite"]["first"]["8"]["cpu_ms"] == 11.0
    assert results["empty"]["sqlite"]["first"]["8"]["cpu_ms"] == 10.0
    assert results["workers"]["2"]["sqlite"]["first"]["8"]["cpu_ms"] == 12.0
    assert results["floor"]["sqlite"]["first"] == {
        "cpu_ms": 0.1,
        "uses": {"ES256 sign": 2.0},
        "ratio": {"8": 110.0},
    }
