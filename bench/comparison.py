"""Runs beside each other: all in one table, the filled hub against the empty one, several workers against one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Final

from bench.figures import Cell, Run

_FLAT: Final = 0.10
_QUIET: Final = 0.05  # with more than this of the core gone to others, ten per cent is within the noise


def print_table(runs: Iterable[Run]) -> None:
    """Print one line for each cell of all runs."""
    print(f"\n{'':<42} {'people':>6} {'failed':>6} {'CPU ms':>7} {'floor':>6} {'ratio':>6}", end="")
    print(
        f" {'per s':>7} {'p50 ms':>8} {'p99 ms':>8} {'stmts':>6} {'commits':>7} {'Redis':>6} {'idle MiB':>8}"
    )
    for run in runs:
        for people, cell in run.cells.items():
            print(f"{run.title:<42} {people:>6} {cell.crowd.failures.total():>6} {cell.cpu_ms:>7.2f}", end="")
            print(
                f" {run.floor_ms:>6.2f} {cell.cpu_ms / run.floor_ms:>6.2f} {cell.journeys_per_s:>7.1f}",
                end="",
            )
            print(f" {cell.wall_ms(50):>8.1f} {cell.wall_ms(99):>8.1f} {cell.statements:>6.1f}", end="")
            print(f" {cell.commits:>7.1f} {cell.redis_round_trips:>6.1f} {cell.idle_rss_mib:>8.1f}")


def flatness(empty: Cell, filled: Cell) -> float:
    """Give by how much a journey on the filled hub costs more CPU than on the empty one, of 1."""
    return filled.cpu_ms / empty.cpu_ms - 1


def print_flatness(runs: Sequence[Run]) -> None:
    """Print what a filled hub costs beside an empty one, for every run that was made on both."""
    pairs = [
        (empty, filled, people)
        for empty, filled, people in _pairs(runs)
        if filled.filled and not empty.filled and filled.workers == empty.workers
    ]
    if not pairs:
        return
    print(f"\nfrom empty to filled, CPU ms of a journey (flat: within {_FLAT:.0%})")
    for empty, filled, people in pairs:
        before, after = empty.cells[people], filled.cells[people]
        more = flatness(before, after)
        print(f"  {empty.title:<30} {people:>4} people {before.cpu_ms:>7.2f} {after.cpu_ms:>7.2f}", end="")
        print(f" {more:>+7.1%}  {'flat' if more <= _FLAT else 'NOT FLAT'}", end="")
        shares = before.others_share, after.others_share
        print(
            f" (others took {shares[0]:.0%} and {shares[1]:.0%} of the core)" if max(shares) > _QUIET else ""
        )


def speed_up(one: Cell, several: Cell) -> float:
    """Give at least how many times one worker's journeys several could serve, each with a core of its own.

    A hub's capacity is what its cores' time buys. The one is credited with its own CPU alone, as if its core
    had never waited; the several are charged with all the time that their cores stood idle too, as if only they
    could have used it. What others took of those cores (people, provider, database) is nobody's.
    """
    of_one = len(one.crowd.journeys) / one.crowd.hub_cpu_seconds
    charged = several.crowd.hub_cpu_seconds + several.crowd.idle_seconds
    return several.crowd.cores * len(several.crowd.journeys) / charged / of_one


def print_speed_up(runs: Sequence[Run]) -> None:
    """Print what several workers serve beside one, for every run that was made with both."""
    pairs = [
        (one, several, people)
        for one, several, people in _pairs(runs)
        if several.workers > one.workers and several.filled == one.filled
    ]
    if not pairs:
        return
    print("\nseveral workers against one (at least: idle time of the cores is charged to the several)")
    for one, several, people in pairs:
        before, after = one.cells[people], several.cells[people]
        print(f"  {several.title:<42} {people:>4} people: {speed_up(before, after):>5.2f} times;", end="")
        print(f" per s {before.journeys_per_s:.1f} and {after.journeys_per_s:.1f},", end="")
        print(f" CPU ms {before.cpu_ms:.2f} and {after.cpu_ms:.2f};", end="")
        print(
            f" of the {after.crowd.cores} cores hub {after.hub_share:.0%}, others {after.others_share:.0%},",
            end="",
        )
        print(f" idle {after.idle_share:.0%}")


def _pairs(runs: Sequence[Run]) -> Iterator[tuple[Run, Run, int]]:
    """Give each two runs of one engine and scenario, for each number of people that both had."""
    for first, second in product(runs, runs):
        if (first.engine, first.scenario) == (second.engine, second.scenario):
            for people in sorted(first.cells.keys() & second.cells.keys()):
                yield first, second, people
