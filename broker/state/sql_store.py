"""The short-lived store in the hub's own database: fact, audit entry and envelope in one transaction."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from broker.state.store import StaleVersionError, Stored
from broker.tables import envelopes

_SELECT = select(envelopes.c.sealed, envelopes.c.version, envelopes.c.purge_after).where(
    envelopes.c.key == bindparam("at_key")
)
_INSERT = insert(envelopes)
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
    """Writes on one connection; they commit or vanish with its transaction."""

    def __init__(self, connection: Connection) -> None:
        """Bind to the caller's transaction."""
        self._connection = connection

    def put(self, key: bytes, sealed: bytes, *, purge_after: int) -> None:
        """Store a new value; version 1."""
        row = {"key": key, "version": 1, "sealed": sealed, "purge_after": purge_after, "leased_until": None}
        self._connection.execute(_INSERT, row)

    def replace(self, key: bytes, sealed: bytes, *, expected_version: int, purge_after: int) -> None:
        """Replace the value and end its lease; raises `StaleVersionError`."""
        result = self._connection.execute(
            _REPLACE,
            {"at_key": key, "expected": expected_version, "new_sealed": sealed, "new_purge": purge_after},
        )
        if result.rowcount != 1:
            raise StaleVersionError

    def claim(self, key: bytes, *, expected_version: int, now: int, lease_seconds: int) -> None:
        """Take a lease on this version; raises `StaleVersionError` when it is held or the version moved on."""
        result = self._connection.execute(
            _CLAIM,
            {"at_key": key, "expected": expected_version, "at_now": now, "until": now + lease_seconds},
        )
        if result.rowcount != 1:
            raise StaleVersionError

    def delete(self, key: bytes) -> None:
        """Forget the value, if it is there."""
        self._connection.execute(_DELETE, {"at_key": key})


class SqlStore:
    """Envelopes in the `envelopes` table."""

    def get(self, connection: Connection, key: bytes) -> Stored | None:
        """The value under a key, or None."""
        row = connection.execute(_SELECT, {"at_key": key}).one_or_none()
        return None if row is None else Stored(sealed=row[0], version=row[1], purge_after=row[2])

    def writes(self, connection: Connection) -> SqlStoreWrites:
        """The writes that belong to the transaction on this connection."""
        return SqlStoreWrites(connection)
