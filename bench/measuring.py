"""One engine and scenario measured: first the hub as it is run in earnest, then the same one watched.

The figures of CPU, time and memory come from a hub that nobody looks into; statements, commits and profiles from
another process on the same state, afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

from bench.attempts import Attempt
from bench.crowd import CrowdResult, run_crowd
from bench.errors import BenchError
from bench.federation import Federation, discover, hub_running
from bench.hot_spots import uses_of_parts
from bench.observed import Passes, observe
from bench.processors import Cores, resident_mib
from bench.report import Cell, Run
from bench.steps import FIRST, Scenario

_WARM_UP: Final = 40
_WARM_UP_PEOPLE: Final = 4
_KNOWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to measure: `sizes` gives the number of journeys by how many people are under way at once."""

    engine: str
    scenario: Scenario
    sizes: Mapping[int, int]
    passes: Passes
    workers: int
    threads: int
    cores: Cores


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    crowds: Mapping[int, CrowdResult]
    resident: Mapping[int, float]
    idle: float


def measure(federation: Federation, plan: Plan, newcomers: Iterator[int]) -> Run:
    """Measure a plan; `newcomers` gives numbers of people who have not been here before."""
    with hub_running(federation, plan.cores, workers=plan.workers, threads=plan.threads) as pids:
        people = _known(federation, plan, newcomers, pids) if plan.scenario.known else newcomers
        figures = _figures(federation, plan, people, pids)
    print("watching one", flush=True)
    seen = observe(federation, plan.scenario, list(islice(people, plan.passes.people)), plan.passes)
    cells = {
        size: Cell(
            crowd=crowd,
            rss_mib=figures.resident[size],
            statements=seen.statements_per_journey,
            commits=seen.commits_per_journey,
        )
        for size, crowd in figures.crowds.items()
    }
    return Run(
        engine=plan.engine,
        scenario=plan.scenario,
        cells=cells,
        seen=seen,
        uses=uses_of_parts(seen),
        idle_rss_mib=figures.idle,
    )


def _figures(federation: Federation, plan: Plan, people: Iterator[int], pids: tuple[int, ...]) -> _Figures:
    idle = resident_mib(pids)
    addresses = discover(federation)

    def run(journeys: int, size: int) -> CrowdResult:
        attempts = _attempts(federation, plan.scenario, islice(people, journeys))
        return run_crowd(addresses, plan.scenario, attempts, people=size, hub_pids=pids)

    print(f"{plan.engine}, {plan.scenario.name}: warming up … ", end="", flush=True)
    _must_succeed(run(_WARM_UP, _WARM_UP_PEOPLE))
    crowds, resident = {}, {}
    for size, journeys in plan.sizes.items():
        print(f"{journeys} journeys, {size} at once … ", end="", flush=True)
        crowds[size] = run(journeys, size)
        resident[size] = resident_mib(pids)
    return _Figures(crowds=crowds, resident=resident, idle=idle)


def _known(
    federation: Federation, plan: Plan, newcomers: Iterator[int], pids: tuple[int, ...]
) -> Iterator[int]:
    """Let some people sign in and agree for the first time; they then come again and again."""
    people = list(islice(newcomers, min(_KNOWN, max(plan.sizes.values()))))
    attempts = _attempts(federation, FIRST, people)
    _must_succeed(run_crowd(discover(federation), FIRST, attempts, people=_WARM_UP_PEOPLE, hub_pids=pids))
    return cycle(people)


def _must_succeed(result: CrowdResult) -> None:
    """Stop before a long run that could only fail as well."""
    if result.failures:
        cause, number = result.failures.most_common(1)[0]
        raise BenchError(f"{result.failures.total()} journeys of the warm-up failed, {number} so: {cause}")


def _attempts(
    federation: Federation, scenario: Scenario, people: Sequence[int] | Iterator[int]
) -> list[Attempt]:
    return [federation.service.attempt(person, scenario) for person in people]
