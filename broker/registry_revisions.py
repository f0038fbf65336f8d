"""Revisions of the federation registry in the database, immutable, and the one that is in force.

Invariant: a stored revision never changes; every worker follows within `POLL_SECONDS`. A request sees one
revision from its first line to its last.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection, desc, insert, select, text

from audit.journal import append
from broker.clock import Clock
from broker.database import Database
from broker.events import RegistryApplied
from broker.tables import registry_revisions
from config.federation import Federation
from config.federation_file import Change, diff, federation_from_json, federation_to_json

Built = TypeVar("Built")

POLL_SECONDS = 2.0
_NAMED_CHANGES = 20
_NEWEST = select(registry_revisions.c.revision).order_by(desc(registry_revisions.c.revision)).limit(1)
# Two that read the same newest revision would give the next one the same number. Others still read.
_ONE_AT_A_TIME = text(f"LOCK TABLE {registry_revisions.name} IN SHARE ROW EXCLUSIVE MODE")
_BODY = (
    select(registry_revisions.c.revision, registry_revisions.c.digest, registry_revisions.c.body)
    .order_by(desc(registry_revisions.c.revision))
    .limit(1)
)


class NoRegistryError(Exception):
    """No revision has been applied yet; run `countersign registry apply DIR`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One revision: its number, the digest of the directory it came from, and what it says."""

    number: int
    digest: str
    federation: Federation


def newest_revision(connection: Connection) -> Revision | None:
    """The revision in force, or None when there is none yet."""
    row = connection.execute(_BODY).one_or_none()
    if row is None:
        return None
    return Revision(number=row.revision, digest=row.digest, federation=federation_from_json(row.body))


def apply_revision(
    database: Database, federation: Federation, digest: str, *, operator: str, clock: Clock
) -> tuple[Revision, tuple[Change, ...]]:
    """Store a new revision and journal the difference; an unchanged registry stays the revision it is."""
    with database.transaction() as connection:
        if not database.is_sqlite:
            connection.execute(_ONE_AT_A_TIME)
        current = newest_revision(connection)
        changes = diff(current.federation if current else None, federation)
        if current is not None and not changes:
            return current, ()
        number = 1 if current is None else current.number + 1
        connection.execute(
            insert(registry_revisions),
            {"revision": number, "digest": digest, "body": federation_to_json(federation)},
        )
        event = RegistryApplied(revision=number, digest=digest, changed=_changed(changes), operator=operator)
        append(connection, event, at=clock())
    return Revision(number=number, digest=digest, federation=federation), changes


def _changed(changes: tuple[Change, ...]) -> tuple[str, ...]:
    names = sorted({f"{change.entry}/{change.id}" for change in changes})
    return tuple(names[:_NAMED_CHANGES])


class CurrentRegistry(Generic[Built]):
    """The revision in force, built once per revision into what the workers need."""

    def __init__(self, database: Database, build: Callable[[Revision], Built]) -> None:
        """Read nothing yet; `build` turns a revision into parsed keys, adapters and the like."""
        self._database = database
        self._build = build
        self._lock = threading.Lock()
        self._number = 0
        self._built: Built | None = None
        self._looked_at = float("-inf")

    def current(self) -> Built:
        """What the revision in force was built into, at most `POLL_SECONDS` old; raises `NoRegistryError`."""
        if self._built is not None and time.monotonic() - self._looked_at < POLL_SECONDS:
            return self._built
        with self._lock:
            return self._refreshed()

    def _refreshed(self) -> Built:
        with self._database.reading() as connection:
            number = connection.execute(_NEWEST).scalar_one_or_none()
            if number is None:
                raise NoRegistryError
            if self._built is None or number != self._number:
                revision = newest_revision(connection)
                if revision is None:
                    raise NoRegistryError
                self._built, self._number = self._build(revision), revision.number
        self._looked_at = time.monotonic()
        return self._built
