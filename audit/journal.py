"""The only way into the log: one INSERT in the transaction that decides what it records.

Invariant: an entry exists exactly when its fact was committed, because the caller's connection carries
both; this module never begins, commits or rolls back.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from audit.entry import ENTRY_ID_BYTES, SALT_BYTES, Event, canonical_bytes
from audit.tables import journal

# Inline: the database's own position is not wanted back, which saves the RETURNING.
_INSERT = insert(journal).inline()
_NEWEST = select(func.max(journal.c.position))


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRow:
    """One entry as it is stored: its arrival position, its id in hexadecimal, its canonical bytes."""

    position: int
    entry_id: str
    body: bytes


def append(connection: Connection, event: Event, *, at: datetime) -> str:
    """Write an event into the log within the caller's transaction; gives the entry's id in hexadecimal.

    Raises what `audit.entry.canonical_bytes` raises, before anything is written.
    """
    row = _row(event, at)
    connection.execute(_INSERT, row)
    return row["entry_id"].hex()


def append_all(connection: Connection, events: Iterable[Event], *, at: datetime) -> tuple[str, ...]:
    """Write several events in one statement, in their order; gives their ids in hexadecimal.

    Raises what `audit.entry.canonical_bytes` raises, before anything is written.
    """
    rows = [_row(event, at) for event in events]
    if rows:
        connection.execute(_INSERT, rows)
    return tuple(row["entry_id"].hex() for row in rows)


def read(connection: Connection, *, after_position: int = 0, limit: int = 100) -> tuple[JournalRow, ...]:
    """Give up to `limit` stored entries that arrived after a position, in order of arrival."""
    rows = connection.execute(
        select(journal.c.position, journal.c.entry_id, journal.c.body)
        .where(journal.c.position > after_position)
        .order_by(journal.c.position)
        .limit(limit),
    )
    return tuple(
        JournalRow(position=row.position, entry_id=row.entry_id.hex(), body=row.body) for row in rows
    )


def newest_position(connection: Connection) -> int:
    """Give the position of the newest stored entry, 0 when there is none; one look into the index."""
    return connection.execute(_NEWEST).scalar_one() or 0


def _row(event: Event, at: datetime) -> dict[str, bytes]:
    entropy = secrets.token_bytes(ENTRY_ID_BYTES + SALT_BYTES)
    entry_id, salt = entropy[:ENTRY_ID_BYTES], entropy[ENTRY_ID_BYTES:]
    return {"entry_id": entry_id, "body": canonical_bytes(event, entry_id=entry_id, at=at, salt=salt)}
