"""What a benchmark found: a table for people, `results.json` for programs (its shape is promised outside)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.crowd import CrowdResult, percentile
from bench.floor import Part, floor_milliseconds
from bench.hot_spots import Share, by_function, by_kind, by_own, samples_in
from bench.observed import Observation
from bench.steps import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One engine, one scenario, one number of people."""

    crowd: CrowdResult
    rss_mib: float
    statements: float
    commits: float

    @property
    def cpu_ms(self) -> float:
        """The hub's CPU for one journey that went well; what failed ones cost is on their account too."""
        done = len(self.crowd.journeys)
        return self.crowd.hub_cpu_seconds * 1000 / done if done else math.nan

    @property
    def hub_share(self) -> float:
        """How busy the hub's cores were, of 1 per core; well under 1 means that the driver held it back."""
        return self.crowd.hub_cpu_seconds / self.crowd.seconds

    def wall_ms(self, percent: float) -> float:
        """How long a journey took, at a percentile."""
        return percentile([journey.seconds * 1000 for journey in self.crowd.journeys], percent)

    def as_json(self) -> dict[str, float]:
        """Give the figures under their promised names."""
        figures = {
            "cpu_ms": self.cpu_ms,
            "journeys_per_s": len(self.crowd.journeys) / self.crowd.seconds,
            "p50_ms": self.wall_ms(50),
            "p95_ms": self.wall_ms(95),
            "p99_ms": self.wall_ms(99),
            "statements": self.statements,
            "commits": self.commits,
            "rss_mib": self.rss_mib,
            "hub_share": self.hub_share,
        }
        rounded = {name: round(value, 3) for name, value in figures.items() if not math.isnan(value)}
        return {
            **rounded,
            "journeys": len(self.crowd.journeys),
            "failures": self.crowd.failures.total(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One engine and scenario: its cells by number of people, what was counted, and what it uses of the floor."""

    engine: str
    scenario: Scenario
    cells: Mapping[int, Cell]
    seen: Observation
    uses: Mapping[Part, float]
    idle_rss_mib: float


def write_results(file: Path, runs: Iterable[Run], floor: Mapping[Part, float]) -> None:
    """Write the figures of all runs; an earlier file is replaced."""
    results: dict[str, Any] = {}
    prices: dict[str, Any] = {"us": {part.value: round(price, 1) for part, price in floor.items()}}
    for run in runs:
        cells = {str(people): cell.as_json() for people, cell in run.cells.items()}
        results.setdefault(run.engine, {})[run.scenario.name] = cells
        least = floor_milliseconds(floor, run.uses)
        prices.setdefault(run.engine, {})[run.scenario.name] = {
            "cpu_ms": round(least, 3),
            "uses": {part.value: round(count, 2) for part, count in run.uses.items()},
            "ratio": {str(people): round(cell.cpu_ms / least, 2) for people, cell in run.cells.items()},
        }
    file.write_text(json.dumps({**results, "floor": prices}, indent=2) + "\n", encoding="utf-8")


def print_run(run: Run, floor: Mapping[Part, float]) -> None:
    """Print one engine and scenario."""
    least = floor_milliseconds(floor, run.uses)
    print(f"\n{run.engine}, {run.scenario.name}: {len(run.scenario.steps)} requests to the hub per journey")
    print(f"  {'people':>6} {'journeys':>8} {'failed':>6} {'CPU ms':>7} {'/floor':>6} {'per s':>7}", end="")
    print(f" {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'RSS MiB':>8} {'hub busy':>8}")
    for people, cell in run.cells.items():
        rate = len(cell.crowd.journeys) / cell.crowd.seconds
        print(f"  {people:>6} {len(cell.crowd.journeys):>8} {cell.crowd.failures.total():>6}", end="")
        print(f" {cell.cpu_ms:>7.2f} {cell.cpu_ms / least:>6.2f} {rate:>7.1f}", end="")
        print("".join(f" {cell.wall_ms(percent):>8.1f}" for percent in (50, 95, 99)), end="")
        print(f" {cell.rss_mib:>8.1f} {cell.hub_share:>8.0%}")
        for cause, count in cell.crowd.failures.most_common(5):
            print(f"         {count} failed: {cause}")
    print(f"  idle worker: {run.idle_rss_mib:.1f} MiB resident")
    _print_steps(run)
    _print_floor(run, floor)


def _print_steps(run: Run) -> None:
    seen, medians = run.seen, {people: _median_steps(cell.crowd) for people, cell in run.cells.items()}
    print(f"\n  {'step':<12} {'statements':>10} {'commits':>8} {'CPU ms':>7}", end="")
    print("".join(f" {f'p50 ms at {people}':>12}" for people in medians))
    for index, step in enumerate(run.scenario.steps):
        statements = sum(seen.statements_of(step).values())
        print(
            f"  {step:<12} {statements:>10.1f} {seen.commits_of(step):>8.1f} {seen.cpu_ms(step):>7.2f}",
            end="",
        )
        print("".join(f" {of_steps[index]:>12.1f}" for of_steps in medians.values() if of_steps))
    together = sum(seen.cpu_ms(step) for step in run.scenario.steps)
    print(
        f"  {'a journey':<12} {seen.statements_per_journey:>10.1f} {seen.commits_per_journey:>8.1f}", end=""
    )
    print(f" {together:>7.2f}   (the application alone; the server comes on top)")


def _median_steps(crowd: CrowdResult) -> list[float]:
    by_step = zip(*(journey.step_seconds for journey in crowd.journeys), strict=True)
    return [percentile(step, 50) * 1000 for step in by_step]


def _print_floor(run: Run, floor: Mapping[Part, float]) -> None:
    print(f"\n  {'floor':<22} {'CPU µs':>8} {'a journey':>10} {'CPU ms':>8}")
    for part, count in run.uses.items():
        print(f"  {part:<22} {floor[part]:>8.1f} {count:>10.1f} {floor[part] * count / 1000:>8.2f}")
    print(f"  {'together':<22} {'':>8} {'':>10} {floor_milliseconds(floor, run.uses):>8.2f}")


def print_profile(run: Run) -> None:
    """Print where a journey's CPU goes: by kind of work, by function, step by step."""
    steps, seen = run.scenario.steps, run.seen
    print(f"\n{run.engine}, {run.scenario.name}: where the application's CPU goes", end="")
    print(f" ({samples_in(seen, steps)} samples of {seen.passes.timed} journeys)")
    for title, shares in (
        ("by kind of work", by_kind(seen, steps)),
        ("by function, with all that it calls", by_function(seen, steps)[:50]),
        ("by function, by itself", by_own(seen, steps)[:15]),
    ):
        _print_shares(title, shares)
    for step in steps:
        statements = ", ".join(f"{number:.0f} {text}" for text, number in seen.statements_of(step).items())
        print(f"\n  {step}: {seen.cpu_ms(step):.2f} ms; {statements}")
        _print_shares("by kind of work", by_kind(seen, [step])[:8])
        _print_shares("by function, with all that it calls", by_function(seen, [step])[:12])


def _print_shares(title: str, shares: Iterable[Share]) -> None:
    print(f"\n  {title}")
    for name, share in shares:
        print(f"  {share:>6.1%}  {name}")
