"""Saves and loads journeys under their handles; what is loaded is the journey as it stands now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from broker.hub import Hub, Work
from broker.journeys.codec import journey_from_json, journey_to_json
from broker.journeys.journey import AFTERWARDS, Journey, MovedOn, at
from broker.state.handles import Handle
from broker.state.store import Kind, StaleVersionError, StoreReads

LEASE_SECONDS = 60
"""How long a step may take before another may be tried in its place; longer than any call to a provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A journey as this browser holds it; `version` is what a change of it must expect.

    `overdue` says that its time ran out and nobody has written that down yet.
    """

    handle: Handle
    journey: Journey
    version: int
    overdue: bool = False


def load(reads: StoreReads, hub: Hub, handle: Handle, now: datetime) -> Held | MovedOn | None:
    """The journey behind a handle; `MovedOn` for a handle that was replaced, None when there is none (any more)."""
    opened = hub.envelopes.read(reads, Kind.JOURNEY, handle, now)
    if opened is None:
        return None
    kept = journey_from_json(opened.content)
    if isinstance(kept, MovedOn):
        return kept
    journey = at(kept, now)
    return Held(handle=handle, journey=journey, version=opened.version, overdue=journey is not kept)


def create(work: Work, hub: Hub, handle: Handle, journey: Journey) -> Held:
    """Keep a new journey."""
    hub.envelopes.put(
        work.writes, Kind.JOURNEY, handle, journey_to_json(journey), journey.sign_in.ends_at + AFTERWARDS
    )
    return Held(handle=handle, journey=journey, version=1)


def save(work: Work, hub: Hub, held: Held, journey: Journey) -> Held:
    """Move a held journey on; raises `StaleVersionError` when another request did so first.

    It comes first in its unit of work, or after `hold`.
    """
    _replace(work, hub, held, journey, journey.sign_in.ends_at + AFTERWARDS)
    return Held(handle=held.handle, journey=journey, version=held.version + 1)


def claim(work: Work, held: Held, now: datetime) -> None:
    """Take the journey for one step that outlasts this unit of work, as a call to a provider does.

    Until it is saved or the lease lapses nobody else can; raises `StaleVersionError`.
    """
    work.writes.claim(
        held.handle.key,
        expected_version=held.version,
        now=int(now.timestamp()),
        lease_seconds=LEASE_SECONDS,
    )


def hold(work: Work, held: Held) -> None:
    """Take the journey for this unit of work, before anything else in it; raises `StaleVersionError`.

    Whoever comes second waits for the first, and then finds what that left.
    """
    found = work.writes.hold(held.handle.key)
    if found is None or found.version != held.version:
        raise StaleVersionError


def leave_behind(work: Work, hub: Hub, held: Held, moved: MovedOn, now: datetime) -> None:
    """Let the old handle open nothing but that the journey moved on; raises `StaleVersionError`."""
    _replace(work, hub, held, moved, now + AFTERWARDS)


def _replace(work: Work, hub: Hub, held: Held, kept: Journey | MovedOn, until: datetime) -> None:
    hub.envelopes.replace(
        work.writes, Kind.JOURNEY, held.handle, journey_to_json(kept), until, expected_version=held.version
    )
