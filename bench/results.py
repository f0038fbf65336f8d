"""`results.json`: the figures of all runs for programs; its shape is promised outside.

{engine: {scenario: {people: figures}}, "floor": {engine: …}}. A full benchmark's engines are the filled ones, with the
empty ones below "empty"; hubs of several workers stand below "workers".
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.figures import Run


def write_results(file: Path, runs: Iterable[Run], *, full: bool) -> None:
    """Write the figures of all runs; an earlier file is replaced."""
    results: dict[str, Any] = {}
    floor: dict[str, Any] = {}
    for run in runs:
        cells = {str(people): cell.as_json() for people, cell in run.cells.items()}
        _place(results, run, full=full).setdefault(run.engine, {})[run.scenario.name] = cells
        if run.workers == 1 and run.filled == full:
            of_engine = floor.setdefault(run.engine, {})
            of_engine["us"] = {part.value: round(price, 1) for part, price in run.floor.items()}
            of_engine[run.scenario.name] = _floor(run)
    file.write_text(json.dumps({**results, "floor": floor}, indent=2) + "\n", encoding="utf-8")


def _place(results: dict[str, Any], run: Run, *, full: bool) -> dict[str, Any]:
    place = results
    if full and not run.filled:
        place = place.setdefault("empty", {})
    if run.workers > 1:
        place = place.setdefault("workers", {}).setdefault(str(run.workers), {})
    return place


def _floor(run: Run) -> dict[str, Any]:
    return {
        "cpu_ms": round(run.floor_ms, 3),
        "uses": {part.value: round(count, 2) for part, count in run.uses.items()},
        "ratio": {str(people): round(cell.cpu_ms / run.floor_ms, 2) for people, cell in run.cells.items()},
    }
