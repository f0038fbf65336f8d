"""Many people at once: each thread is one person after another, until every attempt has been made.

A closed loop: who has arrived makes room for the next, so the number of people under way is constant until
the last ones are on their way.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event, Thread

from bench.attempts import Attempt
from bench.citizen import Addresses, Citizen, Journey
from bench.errors import JourneyFailedError
from bench.processors import cpu_seconds, idle_seconds
from bench.steps import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdResult:
    """What a run gave: the journeys that went well, why others did not, wall and hub CPU seconds in all.

    `cores` is how many the hub might use, `idle_seconds` how long those together had nothing to do.
    """

    people: int
    journeys: tuple[Journey, ...]
    failures: Counter[str]
    seconds: float
    hub_cpu_seconds: float
    cores: int
    idle_seconds: float

    @property
    def attempts(self) -> int:
        """How many journeys were begun."""
        return len(self.journeys) + self.failures.total()


def run_crowd(
    addresses: Addresses,
    scenario: Scenario,
    attempts: Sequence[Attempt],
    *,
    people: int,
    hub_pids: tuple[int, ...],
    hub_cores: frozenset[int],
) -> CrowdResult:
    """Make every attempt, `people` at a time; raises `MeasurementError` when the hub ends meanwhile."""
    waiting = iter(attempts)
    journeys: list[Journey] = []
    failures: Counter[str] = Counter()
    start = Event()

    def take_part() -> None:
        citizen = Citizen(addresses, scenario)
        start.wait()
        for attempt in waiting:  # a list's iterator hands each item to one thread only
            try:
                journeys.append(citizen.sign_in(attempt))
            except JourneyFailedError as error:
                failures[str(error)] += 1
            except (ValueError, KeyError, TypeError) as error:
                failures[f"an answer that cannot be read: {type(error).__name__}"] += 1
        citizen.close()

    threads = [Thread(target=take_part, daemon=True) for _ in range(people)]
    for thread in threads:
        thread.start()
    cpu_before, idle_before, began = cpu_seconds(hub_pids), idle_seconds(hub_cores), time.perf_counter()
    start.set()
    for thread in threads:
        thread.join()
    seconds, cpu = time.perf_counter() - began, cpu_seconds(hub_pids) - cpu_before
    idle = idle_seconds(hub_cores) - idle_before
    if not scenario.known and (shared := len(journeys) - len({it.subject for it in journeys})):
        failures["different people were given one subject"] += shared
    return CrowdResult(
        people=people,
        journeys=tuple(journeys),
        failures=failures,
        seconds=seconds,
        hub_cpu_seconds=cpu,
        cores=len(hub_cores),
        idle_seconds=idle,
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the smallest value that `percent` of all values do not exceed; NaN of none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]
