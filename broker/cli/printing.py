"""What commands print: JSON for programs with `--json`, aligned columns for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
"""Gives a command the option `--json` as its argument `as_json`."""


def print_json(value: object) -> None:
    """Print a value of plain lists, dictionaries, strings, numbers and truth values."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_columns(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a heading and rows of as many cells, each column as wide as its widest cell."""
    table = [tuple(heading), *(tuple(row) for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
