"""The short-lived store in the hub's own database: fact, audit entry and envelope in one transaction.

Invariant: what others wait for is the transaction itself: a row that one changes or holds is locked until it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from broker.database import Database, PendingTransaction
from broker.state.store import StaleVersionError, Stored
from broker.tables import envelopes

_SELECT = select(envelopes.c.sealed, envelopes.c.version, envelopes.c.purge_after).where(
    envelopes.c.key == bindparam("at_key")
)
_INSERT = insert(envelopes).inline()
_HOLD = _SELECT.with_for_update()
_REPLACE = (
    update(envelopes)
    .where(envelopes.c.key == bindparam("at_key"), envelopes.c.version == bindparam("expected"))
    .values(
        sealed=bindparam("new_sealed"),
        version=envelopes.c.version + 1,
        purge_after=bindparam("new_purge"),
        leased_until=None,
    )
)
_CLAIM = (
    update(envelopes)
    .where(
        envelopes.c.key == bindparam("at_key"),
        envelopes.c.version == bindparam("expected"),
        or_(envelopes.c.leased_until.is_(None), envelopes.c.leased_until <= bindparam("at_now")),
    )
    .values(leased_until=bindparam("until"))
)
_DELETE = delete(envelopes).where(envelopes.c.key == bindparam("at_key"))


class SqlStoreWrites:
    """Writes on one transaction; they commit or vanish with it."""

    def __init__(self, transaction: PendingTransaction) -> None:
        """Bind to the caller's transaction."""
        self._transaction = transaction

    def put(self, key: bytes, sealed: bytes, *, purge_after: int) -> None:
        """Store a new value; version 1."""
        row = {"key": key, "version": 1, "sealed": sealed, "purge_after": purge_after, "leased_until": None}
        self._transaction.connection.execute(_INSERT, row)

    def hold(self, key: bytes) -> Stored | None:
        """The value as it is now, locked until the transaction ends."""
        return _stored(self._transaction.connection.execute(_HOLD, {"at_key": key}).one_or_none())

    def replace(self, key: bytes, sealed: bytes, *, expected_version: int, purge_after: int) -> None:
        """Replace the value and end its lease; raises `StaleVersionError`."""
        result = self._transaction.connection.execute(
            _REPLACE,
            {"at_key": key, "expected": expected_version, "new_sealed": sealed, "new_purge": purge_after},
        )
        if result.rowcount != 1:
            raise StaleVersionError

    def claim(self, key: bytes, *, expected_version: int, now: int, lease_seconds: int) -> None:
        """Take a lease on this version; raises `StaleVersionError` when it is held or the version moved on."""
        result = self._transaction.connection.execute(
            _CLAIM,
            {"at_key": key, "expected": expected_version, "at_now": now, "until": now + lease_seconds},
        )
        if result.rowcount != 1:
            raise StaleVersionError

    def delete(self, key: bytes) -> None:
        """Forget the value, if it is there."""
        self._transaction.connection.execute(_DELETE, {"at_key": key})

    def commit(self) -> None:
        """Nothing is left to do: the transaction carried it all."""

    def abandon(self) -> None:
        """Nothing is left to undo: the transaction took it all back."""


class SqlStoreReads:
    """Reads on one connection."""

    def __init__(self, connection: Connection) -> None:
        """Bind to a connection for reads."""
        self._connection = connection

    def get(self, key: bytes) -> Stored | None:
        """The value under a key, or None."""
        return _stored(self._connection.execute(_SELECT, {"at_key": key}).one_or_none())


class SqlStore:
    """Envelopes in the `envelopes` table. A database that fails raises SQLAlchemy's own errors."""

    def __init__(self, database: Database) -> None:
        """Keep envelopes where the facts are."""
        self._database = database

    @contextmanager
    def reading(self) -> Iterator[SqlStoreReads]:
        """Reads of what is committed."""
        with self._database.reading() as connection:
            yield SqlStoreReads(connection)

    def writes(self, transaction: PendingTransaction) -> SqlStoreWrites:
        """The writes that belong to a transaction."""
        return SqlStoreWrites(transaction)

    def check(self) -> None:
        """Nothing to ask beside the database itself."""


def _stored(row: Row[bytes, int, int] | None) -> Stored | None:
    return None if row is None else Stored(sealed=row[0], version=row[1], purge_after=row[2])
