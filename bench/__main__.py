"""The benchmark's command: measure, count, compare with the floor, print, and write `results.json`."""

from __future__ import annotations

import signal
import sys
import tempfile
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Final

import click

from bench.engines import find_engine
from bench.errors import BenchError, JourneyFailedError, NotOfferedError
from bench.federation import provider_running
from bench.floor import Part, measure_floor
from bench.measuring import Plan, measure
from bench.observed import Passes
from bench.processors import Cores, share_cores
from bench.report import Run, print_profile, print_run, write_results
from bench.steps import find_scenario
from broker.demo.errors import DemoError
from broker.serving import DEFAULT_THREADS

_RESULTS: Final = Path(__file__).resolve().parent / "results.json"
_PER_PERSON: Final = 10


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
@click.option("--engine", "engines", default="sqlite", show_default=True, callback=_names)
@click.option("--scenario", "scenarios", default="first", show_default=True, callback=_names)
@click.option("--people", "sizes", default="1,8,64", show_default=True, callback=_numbers, help="At once.")
@click.option("--journeys", default=300, show_default=True, help="Per run; at least ten a person.")
@click.option("--workers", default=1, show_default=True, help="Worker processes of the hub, one core each.")
@click.option("--threads", default=DEFAULT_THREADS, show_default=True, help="Threads of each worker.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=_RESULTS, help="Where the figures go as JSON."
)
@click.option("--profile", "profiling", is_flag=True, help="Print where the time goes as well.")
@click.option("--full", is_flag=True, help="On a hub with a million accounts.")
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
) -> None:
    """Drive whole sign-ins through a hub of its own, and say what one costs; exit 1 when any of them failed."""
    try:
        if full:
            raise NotOfferedError("no engine can be filled with a million accounts yet: see bench/engines.py")
        cores = share_cores(workers=workers)
        plans = [
            Plan(
                engine=engine,
                scenario=find_scenario(scenario),
                sizes={size: max(journeys, size * _PER_PERSON) for size in sizes},
                passes=Passes(timed=journeys) if profiling else Passes(),
                workers=workers,
                threads=threads,
                cores=cores,
            )
            for engine in engines
            for scenario in scenarios
        ]
        runs, floor = _measure(plans, cores)
    except JourneyFailedError as error:
        raise click.ClickException(f"a journey that was watched failed: {error}") from error
    except (BenchError, DemoError) as error:
        raise click.ClickException(str(error)) from error
    _tell(runs, floor, cores, profiling=profiling)
    write_results(out, runs, floor)
    print(f"\nwritten to {out}")
    if any(cell.crowd.failures for run in runs for cell in run.cells.values()):
        sys.exit(1)


def _measure(plans: list[Plan], cores: Cores) -> tuple[list[Run], dict[Part, float]]:
    """Measure each plan on a hub of its own, and the floor in the same sitting."""
    runs: list[Run] = []
    floor: dict[Part, float] = {}
    for plan in plans:
        with (
            tempfile.TemporaryDirectory(prefix="countersign-bench-") as directory,
            provider_running(find_engine(plan.engine), Path(directory), cores) as federation,
        ):
            runs.append(measure(federation, plan, count(1)))
            floor = floor or measure_floor(Path(directory), federation.provider, cores)
    return runs, floor


def _tell(runs: list[Run], floor: dict[Part, float], cores: Cores, *, profiling: bool) -> None:
    if cores.apart:
        print(
            f"\nThe hub has core {_listed(cores.hub)} alone; provider and people have {_listed(cores.others)}."
        )
    else:
        print("\nOne core for everybody: CPU holds, but times and journeys per second say little.")
    for run in runs:
        print_run(run, floor)
    for run in runs if profiling else ():
        print_profile(run)


def _listed(cores: frozenset[int]) -> str:
    return ", ".join(str(core) for core in sorted(cores))


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Let SIGTERM end the benchmark as Ctrl-C does: what it has started goes with it."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    bench()
