"""What a run found, printed for people: its figures, its steps, its floor and where the time goes."""

from __future__ import annotations

from collections.abc import Iterable

from bench.crowd import CrowdResult, percentile
from bench.figures import Run
from bench.hot_spots import Share, by_function, by_kind, by_own, samples_in


def print_run(run: Run) -> None:
    """Print one engine and scenario."""
    least = run.floor_ms
    print(f"\n{run.title}: {len(run.scenario.steps)} requests to the hub per journey")
    print(f"  {'people':>6} {'journeys':>8} {'failed':>6} {'CPU ms':>7} {'/floor':>6} {'per s':>7}", end="")
    print(f" {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'RSS MiB':>8} {'hub':>5} {'others':>6}")
    for people, cell in run.cells.items():
        print(f"  {people:>6} {len(cell.crowd.journeys):>8} {cell.crowd.failures.total():>6}", end="")
        print(f" {cell.cpu_ms:>7.2f} {cell.cpu_ms / least:>6.2f} {cell.journeys_per_s:>7.1f}", end="")
        print("".join(f" {cell.wall_ms(percent):>8.1f}" for percent in (50, 95, 99)), end="")
        print(f" {cell.rss_mib:>8.1f} {cell.hub_share:>5.0%} {cell.others_share:>6.0%}")
        for cause, count in cell.crowd.failures.most_common(5):
            print(f"         {count} failed: {cause}")
    print(f"  idle worker: {next(iter(run.cells.values())).idle_rss_mib:.1f} MiB resident")
    _print_steps(run)
    _print_floor(run)


def _print_steps(run: Run) -> None:
    seen, medians = run.seen, {people: _median_steps(cell.crowd) for people, cell in run.cells.items()}
    print(f"\n  {'step':<12} {'statements':>10} {'commits':>8} {'Redis':>6} {'CPU ms':>7}", end="")
    print("".join(f" {f'p50 ms at {people}':>12}" for people in medians))
    for index, step in enumerate(run.scenario.steps):
        statements = sum(seen.statements_of(step).values())
        print(f"  {step:<12} {statements:>10.1f} {seen.commits_of(step):>8.1f}", end="")
        print(f" {seen.round_trips_of(step):>6.1f} {seen.cpu_ms(step):>7.2f}", end="")
        print("".join(f" {of_steps[index]:>12.1f}" for of_steps in medians.values() if of_steps))
    together = sum(seen.cpu_ms(step) for step in run.scenario.steps)
    print(
        f"  {'a journey':<12} {seen.statements_per_journey:>10.1f} {seen.commits_per_journey:>8.1f}", end=""
    )
    print(f" {seen.round_trips_per_journey:>6.1f}", end="")
    print(f" {together:>7.2f}   (the application alone; the server comes on top)")


def _median_steps(crowd: CrowdResult) -> list[float]:
    by_step = zip(*(journey.step_seconds for journey in crowd.journeys), strict=True)
    return [percentile(step, 50) * 1000 for step in by_step]


def _print_floor(run: Run) -> None:
    print(f"\n  {'floor':<22} {'CPU µs':>8} {'a journey':>10} {'CPU ms':>8}")
    for part, count in run.uses.items():
        if not count:
            continue
        print(f"  {part:<22} {run.floor[part]:>8.1f} {count:>10.1f} {run.floor[part] * count / 1000:>8.2f}")
    print(f"  {'together':<22} {'':>8} {'':>10} {run.floor_ms:>8.2f}")


def print_profile(run: Run) -> None:
    """Print where a journey's CPU goes: by kind of work, by function, step by step."""
    steps, seen = run.scenario.steps, run.seen
    print(f"\n{run.title}: where the application's CPU goes", end="")
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
