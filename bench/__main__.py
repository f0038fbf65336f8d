"""The benchmark's command: measure, count, compare with the floor, print, and write `results.json`."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import FrameType
from typing import Final

import click

from bench.comparison import print_flatness, print_speed_up, print_table
from bench.engines import find_engine
from bench.errors import BenchError, JourneyFailedError
from bench.federation import provider_running
from bench.figures import Run
from bench.filling import Load, default_cache, filled_home
from bench.floor import Part, measure_floor
from bench.measuring import Plan, measure, newcomers
from bench.observed import Passes
from bench.processors import Cores, share_cores
from bench.report import print_profile, print_run
from bench.results import write_results
from bench.steps import find_scenario
from broker.demo.errors import DemoError
from broker.serving import DEFAULT_THREADS

_RESULTS: Final = Path(__file__).resolve().parent / "results.json"
_PER_PERSON: Final = 5


def _numbers(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        numbers = tuple(int(number) for number in value.split(","))
    except ValueError as error:
        raise click.BadParameter("numbers with commas between them, such as 1,8,64") from error
    if min(numbers) < 1:
        raise click.BadParameter("at least one")
    return numbers


def _names(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    return tuple(value.split(","))


@click.command("bench")
@click.option("--engine", "engines", default="sqlite,postgres", show_default=True, callback=_names)
@click.option("--scenario", "scenarios", default="first,returning", show_default=True, callback=_names)
@click.option("--people", "sizes", default="1,8,64", show_default=True, callback=_numbers, help="At once.")
@click.option("--journeys", default=200, show_default=True, help="Per run; at least five a person.")
@click.option("--workers", default=1, show_default=True, help="Measure one, then so many, one core each.")
@click.option("--threads", default=DEFAULT_THREADS, show_default=True, help="Threads of each worker.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=_RESULTS, help="Where the figures go as JSON."
)
@click.option("--profile", "profiling", is_flag=True, help="Print where the time goes as well.")
@click.option("--full", is_flag=True, help="On a filled hub too, and the difference.")
@click.option("--accounts", default=1_000_000, show_default=True, help="Of a filled hub; as many consents.")
@click.option("--entries", default=10_000_000, show_default=True, help="Of a filled hub's audit log.")
@click.option(
    "--cache", type=click.Path(path_type=Path), default=default_cache, help="Where filled hubs are kept."
)
def bench(  # noqa: PLR0913 - one argument for each option
    *,
    engines: tuple[str, ...],
    scenarios: tuple[str, ...],
    sizes: tuple[int, ...],
    journeys: int,
    workers: int,
    threads: int,
    out: Path,
    profiling: bool,
    full: bool,
    accounts: int,
    entries: int,
    cache: Path,
) -> None:
    """Drive whole sign-ins through a hub of its own, and say what one costs; exit 1 when any of them failed."""
    try:
        cores = {number: share_cores(workers=number) for number in sorted({1, workers})}
        plans = [
            Plan(
                engine=engine,
                scenario=find_scenario(scenario),
                sizes={size: max(journeys, size * _PER_PERSON) for size in sizes},
                passes=Passes(timed=journeys) if profiling else Passes(),
                workers=number,
                threads=threads,
                cores=cores[number],
                filled=filled,
            )
            for engine in engines
            for scenario in scenarios
            # Beside each other, so that a machine that slows down does so for both.
            for number in cores
            for filled in ((False, True) if full else (False,))
        ]
        for engine in engines:
            find_engine(engine)
        load = Load(accounts=accounts, entries=entries)
        homes = {engine: filled_home(cache, engine, load, cores[1]) for engine in engines} if full else {}
        runs = _measure(plans, homes)
    except JourneyFailedError as error:
        raise click.ClickException(f"a journey that was watched failed: {error}") from error
    except (BenchError, DemoError) as error:
        raise click.ClickException(str(error)) from error
    for run in runs:
        print_run(run)
        if profiling:
            print_profile(run)
    print_table(runs)
    print_flatness(runs)
    print_speed_up(runs)
    _tell_where(cores.values())
    write_results(out, runs, full=full)
    print(f"\nwritten to {out}")
    if any(cell.crowd.failures for run in runs for cell in run.cells.values()):
        sys.exit(1)


def _measure(plans: list[Plan], homes: Mapping[str, Path]) -> list[Run]:
    """Measure each plan on a hub of its own, or on its engine's filled one; the floor once for each engine."""
    runs: list[Run] = []
    floors: dict[str, dict[Part, float]] = {}
    for plan in plans:
        with (
            tempfile.TemporaryDirectory(prefix="countersign-bench-") as directory,
            provider_running(
                find_engine(plan.engine),
                Path(directory),
                plan.cores,
                home=homes[plan.engine] if plan.filled else None,
            ) as federation,
        ):
            if plan.engine not in floors:
                floors[plan.engine] = measure_floor(
                    Path(directory), federation.provider, federation.settings, plan.cores
                )
            runs.append(measure(federation, plan, newcomers(), floors[plan.engine]))
    return runs


def _tell_where(all_cores: Iterable[Cores]) -> None:
    for cores in all_cores:
        hub, others = _listed(cores.hub), _listed(cores.others)
        if cores.apart:
            print(f"\nThe hub had core {hub} alone; provider, people and database servers had {others}.")
        else:
            print(
                f"\nThe hub shared core {hub} with provider, people and database servers: CPU holds, but times",
                end="",
            )
            print(" and journeys per second say little.")


def _listed(cores: frozenset[int]) -> str:
    return ", ".join(str(core) for core in sorted(cores))


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Let SIGTERM end the benchmark as Ctrl-C does: what it has started goes with it."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    bench()
