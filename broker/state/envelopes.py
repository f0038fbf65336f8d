"""Envelopes: JSON sealed under a handle, with its exact expiry inside the seal.

Invariant: a store without the handle shows a key that is a hash, an hour, and noise. The clear purge time is
rounded up to the hour so that rows of one person's visits share no exact time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.state.handles import Handle
from broker.state.sealing import SealBrokenError, Sealer
from broker.state.store import Kind, ShortLivedStore, Stored, StoreReads, StoreWrites

_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An envelope that opened: its content, its version, and when it ends."""

    content: Any
    version: int
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelopes:
    """Reads and writes sealed content; times are whole seconds since the epoch inside the seal."""

    store: ShortLivedStore
    sealer: Sealer

    def read(self, reads: StoreReads, kind: Kind, handle: Handle, now: datetime) -> Opened | None:
        """The content, or None when there is none, it has expired, or the handle does not open it."""
        return self._open(reads.get(handle.key), kind, handle, now)

    def hold(self, writes: StoreWrites, kind: Kind, handle: Handle, now: datetime) -> Opened | None:
        """The content as it is now, which nobody else changes until the unit of work ends; None as `read` says.

        Raises `StaleVersionError` when somebody else keeps it for too long.
        """
        return self._open(writes.hold(handle.key), kind, handle, now)

    def _open(self, stored: Stored | None, kind: Kind, handle: Handle, now: datetime) -> Opened | None:
        if stored is None:
            return None
        try:
            plaintext = self.sealer.open(
                stored.sealed, secret=handle.secret, kind=kind, context=_context(handle, stored.purge_after)
            )
        except SealBrokenError:
            return None
        return _opened(plaintext, stored, now)

    def put(
        self, writes: StoreWrites, kind: Kind, handle: Handle, content: object, expires_at: datetime
    ) -> None:
        """Seal and store new content."""
        sealed, purge_after = self._sealed(kind, handle, content, expires_at)
        writes.put(handle.key, sealed, purge_after=purge_after)

    def replace(
        self,
        writes: StoreWrites,
        kind: Kind,
        handle: Handle,
        content: object,
        expires_at: datetime,
        *,
        expected_version: int,
    ) -> None:
        """Seal and replace content; raises `StaleVersionError` when the version moved on."""
        sealed, purge_after = self._sealed(kind, handle, content, expires_at)
        writes.replace(handle.key, sealed, expected_version=expected_version, purge_after=purge_after)

    def _sealed(self, kind: Kind, handle: Handle, content: object, expires_at: datetime) -> tuple[bytes, int]:
        ends = int(expires_at.timestamp())
        purge_after = ends // _HOUR + 1
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        plaintext = ends.to_bytes(8) + body
        sealed = self.sealer.seal(
            plaintext, secret=handle.secret, kind=kind, context=_context(handle, purge_after)
        )
        return sealed, purge_after


def _context(handle: Handle, purge_after: int) -> bytes:
    return handle.id + purge_after.to_bytes(8)


def _opened(plaintext: bytes, stored: Stored, now: datetime) -> Opened | None:
    ends = int.from_bytes(plaintext[:8])
    if now.timestamp() >= ends:
        return None
    return Opened(content=json.loads(plaintext[8:]), version=stored.version, expires_at=ends)
