"""A database whose transactions and reads are timed, from asking for a connection to giving it back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from broker.database import Database, PendingTransaction
from broker.metrics.instruments import Instruments


class MeasuredDatabase(Database):
    """A `Database` that tells how long it takes."""

    def __init__(self, url: str, instruments: Instruments) -> None:
        """Read the address; raises what `Database` raises."""
        super().__init__(url)
        self._instruments = instruments

    @contextmanager
    def transaction(self, *, unhurried: bool = False) -> Iterator[Connection]:
        """A write transaction; maintenance, for which nobody waits, is not timed."""
        began = time.perf_counter()
        try:
            with super().transaction(unhurried=unhurried) as connection:
                yield connection
        finally:
            if not unhurried:
                self._instruments.transaction_ended(time.perf_counter() - began)

    @contextmanager
    def pending_transaction(self) -> Iterator[PendingTransaction]:
        """A write transaction that begins when it is needed, and is timed from there."""
        began: float | None = None
        try:
            with super().pending_transaction() as pending:

                def begin() -> Connection:
                    nonlocal began
                    began = time.perf_counter()
                    return pending.connection

                yield PendingTransaction(begin)
        finally:
            if began is not None:
                self._instruments.transaction_ended(time.perf_counter() - began)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads."""
        began = time.perf_counter()
        try:
            # As `Database` does, rather than through it: this is the most frequent of all.
            with self._reader.connect() as connection:
                yield connection
        finally:
            self._instruments.read_ended(time.perf_counter() - began)
