"""The two engines that keep what is durable: how a connection of each is opened, bounded and begun.

Invariant: no statement, lock or idle transaction outlasts a bound, so that a request ends while somebody still waits
for it, and an abandoned transaction never keeps others out.

PostgreSQL's READ COMMITTED is enough. Whatever decides is one statement: an UPDATE that names the state it expects,
an INSERT that a key may refuse, or a SELECT … FOR UPDATE. Each waits for a competitor's transaction to end and then
decides on what that left. No decision rests on two reads that would have to agree (docs/decisions/0006-two-engines.md).
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import QueuePool

WAIT_MILLISECONDS: Final = 10_000
"""How long a request waits for a connection, a lock or a statement before it gives up."""

_IDLE_IN_TRANSACTION_MILLISECONDS: Final = 30_000
_CONNECT_SECONDS: Final = 5
_SWITCH_SECONDS: Final = 0.01
_KEPT_SECONDS: Final = 1800
_COMMON: Final[dict[str, Any]] = {
    # A failing statement's error goes to the log; what it was to write does not belong there (attack A-AU-04).
    "hide_parameters": True,
    "max_overflow": 0,
    "pool_timeout": WAIT_MILLISECONDS / 1000,
    # The connection used last is used next: its caches are warm, and those that a peak needed fall idle.
    "pool_use_lifo": True,
}
_AUTOCOMMIT: Final = "AUTOCOMMIT"


def sqlite_engines(url: URL, *, readers: int) -> tuple[Engine, Engine]:
    """Readers, and a single writer: waiting in our queue beats spinning in SQLite's."""
    reader = create_engine(
        url, poolclass=QueuePool, pool_size=readers, isolation_level=_AUTOCOMMIT, **_COMMON
    )
    writer = create_engine(url, poolclass=QueuePool, pool_size=1, **_COMMON)
    for engine in (reader, writer):
        event.listen(engine, "connect", _prepare_sqlite)
    event.listen(writer, "begin", _begin_immediate)
    return reader, writer


def postgres_engines(url: URL, *, readers: int, writers: int) -> tuple[Engine, Engine]:
    """Readers, each statement by itself, and writers.

    Two pools, because switching a connection between the two ways at every use costs as much as a read.
    """
    options: dict[str, Any] = {
        "connect_args": _postgres_arguments(url),
        "pool_recycle": _KEPT_SECONDS,
        **_COMMON,
    }
    # Nothing is ever open on a reader that would have to be rolled back.
    reader = create_engine(
        url, pool_size=readers, isolation_level=_AUTOCOMMIT, pool_reset_on_return=None, **options
    )
    return reader, create_engine(url, pool_size=writers, **options)


def _prepare_sqlite(dbapi_connection: DBAPIConnection, _record: object) -> None:
    dbapi_connection.isolation_level = None  # the driver must not begin by itself: we say BEGIN IMMEDIATE
    cursor = dbapi_connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {WAIT_MILLISECONDS}")
    _keep_a_write_ahead_log(cursor)
    cursor.execute("PRAGMA synchronous = FULL")  # a commit we answered for survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _keep_a_write_ahead_log(cursor: DBAPICursor) -> None:
    """Switch a new file to WAL; SQLite refuses at once, without waiting, while another process does the same."""
    give_up = time.monotonic() + WAIT_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(_SWITCH_SECONDS)
        else:
            return


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _postgres_arguments(url: URL) -> dict[str, Any]:
    """What libpq is told at every connect; what the operator's address says counts instead."""
    bounds = {
        "statement_timeout": WAIT_MILLISECONDS,
        "lock_timeout": WAIT_MILLISECONDS // 2,
        "idle_in_transaction_session_timeout": _IDLE_IN_TRANSACTION_MILLISECONDS,
    }
    ours: dict[str, Any] = {
        "application_name": "countersign",
        "connect_timeout": _CONNECT_SECONDS,
        # A server that vanished without a word is noticed as soon as one that answers slowly.
        "tcp_user_timeout": WAIT_MILLISECONDS,
        "keepalives_idle": _CONNECT_SECONDS,
        "keepalives_interval": _CONNECT_SECONDS,
        "options": " ".join(f"-c {name}={milliseconds}" for name, milliseconds in bounds.items()),
    }
    return {name: value for name, value in ours.items() if name not in url.query}
