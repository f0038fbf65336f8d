"""Hearing every statement and commit that goes to a database, whichever engine carries it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Engine, event

_TABLE: Final = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?(\w+)", re.IGNORECASE)


@contextmanager
def listening(on_statement: Callable[[str], None], on_commit: Callable[[], None]) -> Iterator[None]:
    """Tell of every statement, by verb and table, and of every commit until the block ends.

    A BEGIN is not told: some databases need none, and its commit stands for it.
    """

    def statement(_connection: object, _cursor: object, text: str, *_rest: object) -> None:
        if not text.startswith("BEGIN"):
            on_statement(named(text))

    def commit(_connection: object) -> None:
        on_commit()

    listeners = (("before_cursor_execute", statement), ("commit", commit))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)


def named(statement: str) -> str:
    """Name a statement by its verb and its first table."""
    verb = statement.split(maxsplit=1)[0].upper()
    table = _TABLE.search(statement)
    return f"{verb} {table[1]}" if table else verb
