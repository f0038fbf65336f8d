"""The hub session: one browser, one signed-in person, kept sealed under the browser's cookie.

Invariant: 30 minutes idle, 8 hours at most; a session never outlives either, and a new sign-in never inherits
the handle of an older one (attack A-JS-01).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from broker.person import Person
from broker.state.envelopes import Envelopes, Opened
from broker.state.handles import Handle, encode
from broker.state.store import Kind, StoreReads, StoreWrites

IDLE_LIFE = timedelta(minutes=30)
LONGEST_LIFE = timedelta(hours=8)
_ROOT_BYTES = 16
_SID_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSession:
    """Who is signed in to the hub in a browser, since when, and at which services."""

    person: Person
    root: bytes
    started_at: datetime
    services: tuple[str, ...]

    @classmethod
    def new(cls, person: Person, now: datetime) -> HubSession:
        """A session that begins now."""
        return cls(person=person, root=secrets.token_bytes(_ROOT_BYTES), started_at=now, services=())

    def ends_at(self, now: datetime) -> datetime:
        """When it ends if nothing more happens after `now`."""
        return min(now + IDLE_LIFE, self.started_at + LONGEST_LIFE)

    def sid(self, service: str) -> str:
        """The session id that one service knows it by; two services cannot compare theirs."""
        return encode(hmac.digest(self.root, service.encode(), hashlib.sha256)[:_SID_BYTES])

    def joined(self, service: str) -> HubSession:
        """The session after a sign-in at a service."""
        return self if service in self.services else replace(self, services=(*self.services, service))

    def to_json(self) -> list[Any]:
        """Compact, positional; read back by `from_json`."""
        return [self.person.to_json(), self.root.hex(), int(self.started_at.timestamp()), list(self.services)]

    @classmethod
    def from_json(cls, body: list[Any]) -> HubSession:
        """Read what `to_json` wrote under our seal."""
        person, root, started_at, services = body
        return cls(
            person=Person.from_json(person),
            root=bytes.fromhex(root),
            started_at=datetime.fromtimestamp(started_at, UTC),
            services=tuple(services),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSession:
    """A session as it was found: its handle, content and version."""

    handle: Handle
    session: HubSession
    version: int


def find_session(
    reads: StoreReads, envelopes: Envelopes, handle: Handle | None, now: datetime
) -> HeldSession | None:
    """The live session behind a cookie, or None."""
    if handle is None:
        return None
    return _held(handle, envelopes.read(reads, Kind.SESSION, handle, now))


def hold_session(
    writes: StoreWrites, envelopes: Envelopes, handle: Handle, now: datetime
) -> HeldSession | None:
    """The session as it is now, which no other tab changes until this unit of work ends; None when it has ended.

    Raises `StaleVersionError` when another tab keeps it for too long.
    """
    return _held(handle, envelopes.hold(writes, Kind.SESSION, handle, now))


def store_new_session(
    writes: StoreWrites, envelopes: Envelopes, session: HubSession, now: datetime
) -> Handle:
    """Keep a new session under a new handle."""
    handle = Handle.new()
    envelopes.put(writes, Kind.SESSION, handle, session.to_json(), session.ends_at(now))
    return handle


def store_used_session(
    writes: StoreWrites, envelopes: Envelopes, held: HeldSession, session: HubSession, now: datetime
) -> None:
    """Keep a session that was used; raises `StaleVersionError` when another tab used it meanwhile."""
    envelopes.replace(
        writes,
        Kind.SESSION,
        held.handle,
        session.to_json(),
        session.ends_at(now),
        expected_version=held.version,
    )


def _held(handle: Handle, opened: Opened | None) -> HeldSession | None:
    if opened is None:
        return None
    return HeldSession(handle=handle, session=HubSession.from_json(opened.content), version=opened.version)
