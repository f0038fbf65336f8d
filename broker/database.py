"""The database: one place that opens connections and begins transactions.

Invariant: a write transaction commits as a whole, and is durable when it has ended; on SQLite it is exclusive from its
first statement. Reads outside a transaction see committed rows only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Connection, Engine, make_url, text

from broker.engines import postgres_engines, sqlite_engines

CONNECTIONS = 8
"""Connections of one worker for reads, and on PostgreSQL as many again for writes.

A transaction takes a few milliseconds and a worker computes on one core, so its threads seldom want more than two at a
time; the rest is for those that wait for each other's locks. Threads beyond that queue in the pool. A server that
allows 100 connections has room for six workers.
"""

_UNHURRIED = text("SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)")


class PendingTransaction:
    """A write transaction that begins with its first statement, or never if there is none."""

    def __init__(self, begin: Callable[[], Connection]) -> None:
        """`begin` is called at most once."""
        self._begin = begin
        self._connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        """The connection that carries the transaction, which has begun now."""
        if self._connection is None:
            self._connection = self._begin()
        return self._connection


class Database:
    """The connections to one database; the first use opens the first of them."""

    def __init__(self, url: str, *, connections: int = CONNECTIONS) -> None:
        """Read the address; raises SQLAlchemy's `ArgumentError`, and `ModuleNotFoundError` without its driver."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._reader, self._writer = sqlite_engines(self.url, readers=connections)
        else:
            self._reader, self._writer = postgres_engines(self.url, readers=connections, writers=connections)

    @property
    def engine(self) -> Engine:
        """The engine for migrations."""
        return self._writer

    @contextmanager
    def transaction(self, *, unhurried: bool = False) -> Iterator[Connection]:
        """A write transaction: commits when the block ends, rolls back when it raises.

        An `unhurried` one is maintenance, for which nobody waits: its statements and locks may take their time.
        """
        with self._writer.begin() as connection:
            if unhurried and not self.is_sqlite:
                connection.execute(_UNHURRIED)
            yield connection

    @contextmanager
    def pending_transaction(self) -> Iterator[PendingTransaction]:
        """A write transaction that begins when it is needed; ends as `transaction` does."""
        with ExitStack() as stack:
            yield PendingTransaction(lambda: stack.enter_context(self._writer.begin()))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads, each statement by itself."""
        with self._reader.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close every pooled connection."""
        self._reader.dispose()
        self._writer.dispose()
