"""One engine and scenario measured: first the hub as it is run in earnest, then the same one watched.

The figures of CPU, time and memory come from a hub that nobody looks into; statements, commits and profiles from
another process on the same state, afterwards.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, cycle, islice
from typing import Final

from bench.attempts import Attempt
from bench.citizen import Addresses
from bench.crowd import CrowdResult, run_crowd
from bench.errors import BenchError
from bench.federation import Federation, discover, hub_running
from bench.figures import Cell, Run
from bench.floor import Part
from bench.hot_spots import uses_of_parts
from bench.observed import Passes, observe
from bench.processors import Cores, resident_mib
from bench.steps import FIRST, Scenario

_WARM_UP: Final = 40
_WARM_UP_PEOPLE: Final = 4
_KNOWN: Final = 200
_MOST_PEOPLE: Final = 9_000_000_000  # the provider knows ten digits


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
    filled: bool = False

    @property
    def title(self) -> str:
        """How the run is announced."""
        size = f", {self.workers} workers" if self.workers > 1 else ""
        return f"{self.engine}, {self.scenario.name}{size}{', on a filled hub' if self.filled else ''}"


def newcomers() -> Iterator[int]:
    """Give numbers of people, begun anew by chance: a filled hub may know those of an earlier benchmark."""
    return count(secrets.randbelow(_MOST_PEOPLE))


def measure(federation: Federation, plan: Plan, people: Iterator[int], floor: Mapping[Part, float]) -> Run:
    """Measure a plan; `people` gives numbers of those who have not been here before."""
    with hub_running(federation, plan.cores, workers=plan.workers, threads=plan.threads) as pids:
        idle = resident_mib(pids)
        if plan.scenario.known:
            people = _known(federation, plan, people, pids)
        crowds = _crowds(federation, plan, people, pids)
    print("watching one", flush=True)
    seen = observe(federation, plan.scenario, list(islice(people, plan.passes.people)), plan.passes)
    cells = {
        size: Cell(
            crowd=crowd,
            rss_mib=resident,
            statements=seen.statements_per_journey,
            commits=seen.commits_per_journey,
            redis_round_trips=seen.round_trips_per_journey,
            idle_rss_mib=idle,
        )
        for size, (crowd, resident) in crowds.items()
    }
    return Run(
        engine=plan.engine,
        scenario=plan.scenario,
        filled=plan.filled,
        workers=plan.workers,
        cells=cells,
        seen=seen,
        uses=uses_of_parts(seen),
        floor=floor,
    )


def _crowds(
    federation: Federation, plan: Plan, people: Iterator[int], pids: tuple[int, ...]
) -> dict[int, tuple[CrowdResult, float]]:
    """Run each size after a warm-up; gives with each the memory that the largest process then had."""
    addresses = discover(federation)

    def run(journeys: int, size: int) -> CrowdResult:
        attempts = _attempts(federation, plan.scenario, islice(people, journeys))
        return run_crowd(
            addresses, plan.scenario, attempts, people=size, hub_pids=pids, hub_cores=plan.cores.hub
        )

    print(f"{plan.title}: warming up … ", end="", flush=True)
    _must_succeed(run(_WARM_UP, _WARM_UP_PEOPLE))
    crowds = {}
    for size, journeys in plan.sizes.items():
        print(f"{journeys} journeys, {size} at once … ", end="", flush=True)
        crowds[size] = run(journeys, size), resident_mib(pids)
    return crowds


def _known(
    federation: Federation, plan: Plan, strangers: Iterator[int], pids: tuple[int, ...]
) -> Iterator[int]:
    """Let some people sign in and agree for the first time; they then come again and again."""
    people = list(islice(strangers, min(_KNOWN, max(plan.sizes.values()))))
    attempts = _attempts(federation, FIRST, people)
    sign_in_all(discover(federation), FIRST, attempts, pids, plan.cores)
    return cycle(people)


def sign_in_all(
    addresses: Addresses, scenario: Scenario, attempts: Sequence[Attempt], pids: tuple[int, ...], cores: Cores
) -> None:
    """Make every attempt, measuring nothing; raises `BenchError` when one fails."""
    crowd = run_crowd(
        addresses, scenario, attempts, people=_WARM_UP_PEOPLE, hub_pids=pids, hub_cores=cores.hub
    )
    _must_succeed(crowd)


def _must_succeed(result: CrowdResult) -> None:
    """Stop before a long run that could only fail as well."""
    if result.failures:
        cause, number = result.failures.most_common(1)[0]
        raise BenchError(f"{result.failures.total()} journeys of the warm-up failed, {number} so: {cause}")


def _attempts(
    federation: Federation, scenario: Scenario, people: Sequence[int] | Iterator[int]
) -> list[Attempt]:
    return [federation.service.attempt(person, scenario) for person in people]
