"""Hearing every statement and commit that goes to a database, and every round trip to Redis."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from redis.connection import AbstractConnection
from sqlalchemy import Engine, event

_TABLE: Final = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?(\w+)", re.IGNORECASE)


@contextmanager
def listening(
    on_statement: Callable[[str], None], on_commit: Callable[[], None], on_round_trip: Callable[[], None]
) -> Iterator[None]:
    """Tell of every statement, by verb and table, every commit and every call of Redis until the block ends.

    A BEGIN is not told: some databases need none, and its commit stands for it.
    """

    def statement(_connection: object, _cursor: object, text: str, *_rest: object) -> None:
        if not text.startswith("BEGIN"):
            on_statement(named(text))

    def commit(_connection: object) -> None:
        on_commit()

    listeners = (("before_cursor_execute", statement), ("commit", commit))
    with ExitStack() as stack:
        for name, listener in listeners:
            event.listen(Engine, name, listener)
            stack.callback(event.remove, Engine, name, listener)
        stack.enter_context(_redis_heard(on_round_trip))
        yield


@contextmanager
def _redis_heard(on_round_trip: Callable[[], None]) -> Iterator[None]:
    """Listen where every command, alone or in a pipeline, is sent: redis-py offers no event for it."""
    send: Callable[..., None] = AbstractConnection.send_packed_command

    def heard(connection: AbstractConnection, command: object, check_health: bool = True) -> None:  # noqa: FBT001, FBT002
        on_round_trip()
        send(connection, command, check_health)

    AbstractConnection.send_packed_command = heard  # type: ignore[method-assign]
    try:
        yield
    finally:
        AbstractConnection.send_packed_command = send  # type: ignore[method-assign]


def named(statement: str) -> str:
    """Name a statement by its verb and its first table."""
    verb = statement.split(maxsplit=1)[0].upper()
    table = _TABLE.search(statement)
    return f"{verb} {table[1]}" if table else verb
