"""The figures of a run: one cell for each number of people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from bench.crowd import CrowdResult, percentile
from bench.floor import Part, floor_milliseconds
from bench.observed import Observation
from bench.steps import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One engine, one scenario, one number of people."""

    crowd: CrowdResult
    rss_mib: float
    statements: float
    commits: float
    redis_round_trips: float
    idle_rss_mib: float

    @property
    def cpu_ms(self) -> float:
        """The hub's CPU for one journey that went well; what failed ones cost is on their account too."""
        done = len(self.crowd.journeys)
        return self.crowd.hub_cpu_seconds * 1000 / done if done else math.nan

    @property
    def journeys_per_s(self) -> float:
        """How many journeys went well in a second."""
        return len(self.crowd.journeys) / self.crowd.seconds

    @property
    def hub_share(self) -> float:
        """How much of its cores the hub used, of 1; well under 1 means that something held it back."""
        return self.crowd.hub_cpu_seconds / self._core_seconds

    @property
    def idle_share(self) -> float:
        """How much of the hub's cores nobody used, of 1."""
        return self.crowd.idle_seconds / self._core_seconds

    @property
    def others_share(self) -> float:
        """How much of the hub's cores went to others, of 1: whoever was on the machine, and the kernel."""
        return max(0.0, 1.0 - self.hub_share - self.idle_share)

    @property
    def _core_seconds(self) -> float:
        return self.crowd.seconds * self.crowd.cores

    def wall_ms(self, percent: float) -> float:
        """How long a journey took, at a percentile."""
        return percentile([journey.seconds * 1000 for journey in self.crowd.journeys], percent)

    def as_json(self) -> dict[str, float]:
        """Give the figures under their promised names."""
        figures = {
            "cpu_ms": self.cpu_ms,
            "journeys_per_s": self.journeys_per_s,
            "p50_ms": self.wall_ms(50),
            "p95_ms": self.wall_ms(95),
            "p99_ms": self.wall_ms(99),
            "statements": self.statements,
            "commits": self.commits,
            "redis_round_trips": self.redis_round_trips,
            "rss_mib": self.rss_mib,
            "idle_rss_mib": self.idle_rss_mib,
            "hub_share": self.hub_share,
            "others_share": self.others_share,
        }
        rounded = {name: round(value, 3) for name, value in figures.items() if not math.isnan(value)}
        return {
            **rounded,
            "journeys": len(self.crowd.journeys),
            "failures": self.crowd.failures.total(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One engine and scenario: its cells by number of people, what was counted, and what it uses of the floor.

    `floor` has the price of each part in microseconds, `filled` says that the hub knew its millions before.
    """

    engine: str
    scenario: Scenario
    filled: bool
    workers: int
    cells: Mapping[int, Cell]
    seen: Observation
    uses: Mapping[Part, float]
    floor: Mapping[Part, float]

    @property
    def floor_ms(self) -> float:
        """What a journey's parts would cost alone."""
        return floor_milliseconds(self.floor, self.uses)

    @property
    def title(self) -> str:
        """Name the run."""
        size = f", {self.workers} workers" if self.workers > 1 else ""
        return f"{self.engine}, {self.scenario.name}{size}{', on a filled hub' if self.filled else ''}"
