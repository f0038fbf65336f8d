"""The engine: one place that opens connections and begins transactions.

Invariant: a write transaction is exclusive from its first statement (`BEGIN IMMEDIATE` on SQLite), commits as
a whole, and is durable when `transaction` returns. Reads outside a transaction see committed rows only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import QueuePool

_BUSY_MILLISECONDS = 10_000
_NO_VALUES_IN_ERRORS = True
"""A failing statement's error goes to the log; what it was to write does not belong there (attack A-AU-04)."""


class Database:
    """A pool of readers and, on SQLite, a single writer: waiting in our queue beats spinning in SQLite's."""

    def __init__(self, url: str, *, readers: int = 8) -> None:
        """Open no connection yet; the first use does."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._reader = _sqlite(url, size=readers, isolation_level="AUTOCOMMIT")
            self._writer = _sqlite(url, size=1, isolation_level=None)
            event.listen(self._writer, "begin", _begin_immediate)
        else:
            self._writer = create_engine(
                url, hide_parameters=_NO_VALUES_IN_ERRORS, pool_size=readers, max_overflow=0
            )
            self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def engine(self) -> Engine:
        """The engine for migrations."""
        return self._writer

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write transaction: commits when the block ends, rolls back when it raises."""
        with self._writer.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads, each statement by itself."""
        with self._reader.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close every pooled connection."""
        self._reader.dispose()
        self._writer.dispose()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _sqlite(url: str, *, size: int, isolation_level: Literal["AUTOCOMMIT"] | None) -> Engine:
    options: dict[str, Any] = {} if isolation_level is None else {"isolation_level": isolation_level}
    engine = create_engine(
        url,
        hide_parameters=_NO_VALUES_IN_ERRORS,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=_BUSY_MILLISECONDS / 1000,
        **options,
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(dbapi_connection: DBAPIConnection, _record: object) -> None:
    dbapi_connection.isolation_level = None  # the driver must not begin by itself: we say BEGIN IMMEDIATE
    cursor = dbapi_connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # a commit we answered for survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
