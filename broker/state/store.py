"""The port for short-lived state: sealed values with a version, a purge time and a lease.

Invariant: `hold`, `replace` and `claim` are atomic and name the version they expect, so of any number of writers
that saw the same version exactly one goes on. Values are opaque to the store.

A store may share the database of the facts; then a unit of work is one transaction. Or it stands by itself; then what
decides (`hold`, `claim`) is taken at once, the facts commit, and the values are written (design, section 3).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from broker.database import PendingTransaction


class Kind(StrEnum):
    """What an envelope holds; part of its key derivation, so that one kind never opens as another."""

    JOURNEY = "journey"
    SESSION = "session"
    CODE = "code"
    ACCESS_TOKEN = "access_token"  # noqa: S105  # a kind, not a password
    PARKED = "parked"


class StaleVersionError(Exception):
    """Somebody else changed the value first; read it again and decide again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A sealed value as the store keeps it; `purge_after` is in whole hours since the epoch."""

    sealed: bytes
    version: int
    purge_after: int


class StoreUnavailableError(Exception):
    """The store is down or too slow; nothing was changed that its owner could see."""


class StoreReads(Protocol):
    """Reads, each by itself."""

    def get(self, key: bytes) -> Stored | None:
        """The value under a key, or None; expiry is the reader's to check, inside the seal."""
        ...


class StoreWrites(Protocol):
    """The writes of one unit of work: seen by others when it has ended, and never if it fails."""

    def put(self, key: bytes, sealed: bytes, *, purge_after: int) -> None:
        """Store a new value; version 1."""
        ...

    def hold(self, key: bytes) -> Stored | None:
        """The value as it is now, which nobody else changes until the unit ends; None when there is none.

        Waits for a unit that holds it already; raises `StaleVersionError` when that takes too long. A unit holds what
        it is going to replace before it does anything else, so that nobody waits for it who keeps what it needs.
        """
        ...

    def replace(self, key: bytes, sealed: bytes, *, expected_version: int, purge_after: int) -> None:
        """Replace the value and end its lease; raises `StaleVersionError`. Holds it if nobody did."""
        ...

    def claim(self, key: bytes, *, expected_version: int, now: int, lease_seconds: int) -> None:
        """Take a lease on this version that outlasts the unit; raises `StaleVersionError`.

        That is when somebody else has the lease, or the version moved on. A lease keeps off other claims only: a
        replacement of the value ends it.
        """
        ...

    def delete(self, key: bytes) -> None:
        """Forget the value, if it is there."""
        ...

    def commit(self) -> None:
        """The transaction of this unit is durable: what waited for that happens now.

        Raises `StaleVersionError`, and then nothing of it has happened: the unit took so long that its hold lapsed.
        """
        ...

    def abandon(self) -> None:
        """The unit has failed: what it held is free again, what waited never happens. Raises nothing."""
        ...


class ShortLivedStore(Protocol):
    """Where envelopes live. Everything here and behind it may raise `StoreUnavailableError`."""

    def reading(self) -> AbstractContextManager[StoreReads]:
        """Reads for as long as the block lasts."""
        ...

    def writes(self, transaction: PendingTransaction) -> StoreWrites:
        """The writes of a unit of work; `transaction` is that of its facts."""
        ...

    def check(self) -> None:
        """Return when the store answers."""
        ...
