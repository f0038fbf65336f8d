"""The port for short-lived state: sealed values with a version, a purge time and a lease.

Invariant: `replace` and `claim` are atomic and name the version they expect, so of any number of writers
that saw the same version exactly one goes on. Values are opaque to the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection


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


class StoreWrites(Protocol):
    """The writes of one unit of work."""

    def put(self, key: bytes, sealed: bytes, *, purge_after: int) -> None:
        """Store a new value; version 1."""
        ...

    def replace(self, key: bytes, sealed: bytes, *, expected_version: int, purge_after: int) -> None:
        """Replace the value and end its lease; raises `StaleVersionError`."""
        ...

    def claim(self, key: bytes, *, expected_version: int, now: int, lease_seconds: int) -> None:
        """Take a lease on this version; raises `StaleVersionError` when it is held or the version moved on."""
        ...

    def delete(self, key: bytes) -> None:
        """Forget the value, if it is there."""
        ...


class ShortLivedStore(Protocol):
    """Where envelopes live."""

    def get(self, connection: Connection, key: bytes) -> Stored | None:
        """The value under a key, or None; expiry is the reader's to check, inside the seal."""
        ...

    def writes(self, connection: Connection) -> StoreWrites:
        """The writes that belong to the transaction on this connection."""
        ...
