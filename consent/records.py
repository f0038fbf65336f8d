"""Save and find what a person agreed to; each row is sealed to its place.

Invariant: a sealed row opens only in its own table, under its own id, at its own sequence and, for a
head, beside the state and floor it was written with, so a row copied, moved or rolled back in part does
not open. Whoever holds only the database reads no service, attribute, time or person from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from consent.errors import ConsentConflictError, RecordFormatError
from consent.model import ConsentEvent, ConsentState, ReleaseState, StandingConsent
from consent.serialisation import event_bytes, head_bytes, parse_event, parse_head
from consent.tables import consent_events, consent_heads

_HEAD = select(
    consent_heads.c.state, consent_heads.c.sequence, consent_heads.c.floor, consent_heads.c.sealed
).where(consent_heads.c.consent_id == bindparam("consent_id"))
_LOCKED_HEAD = _HEAD.with_for_update()
# Only PostgreSQL has row locks; on SQLite the transaction took the database's write lock as it began.
_LOCKED_STATE = (
    select(consent_heads.c.state, consent_heads.c.floor)
    .where(consent_heads.c.consent_id == bindparam("consent_id"))
    .with_for_update()
)
_HISTORY = (
    select(consent_events.c.sequence, consent_events.c.sealed)
    .where(consent_events.c.consent_id == bindparam("consent_id"))
    .order_by(consent_events.c.sequence)
)
_INSERT_EVENT = insert(consent_events).inline()
_INSERT_HEAD = insert(consent_heads).inline()
_UPDATE_HEAD = update(consent_heads).where(
    consent_heads.c.consent_id == bindparam("this_consent"),
    consent_heads.c.sequence == bindparam("expected_sequence"),
)

_KEEP = tuple(
    update(table)
    .where(table.c.consent_id == bindparam("this_consent"))
    .values(expiry_month=bindparam("month"))
    for table in (consent_heads, consent_events)
)
_FORGET = tuple(
    delete(table).where(table.c.expiry_month < bindparam("month"))
    for table in (consent_heads, consent_events)
)


class SealedBox(Protocol):
    """Authenticated encryption under a key of the consent's owner, handed in by the broker.

    `context` is associated data: what was sealed opens only with the same. `open` raises its own error
    when it does not open; that error passes through this package.
    """

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """Seal; the same plaintext never gives the same bytes twice."""
        ...

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Give the plaintext back."""
        ...


def find(
    connection: Connection, consent_id: bytes, box: SealedBox, *, for_update: bool = False
) -> StandingConsent | None:
    """Find where a consent stands, in one SELECT; `for_update` when a decision follows.

    Raises `RecordFormatError`, and the box's own error when the row was tampered with.
    """
    statement = _LOCKED_HEAD if for_update else _HEAD
    row = connection.execute(statement, {"consent_id": consent_id}).one_or_none()
    if row is None:
        return None
    state = _state(row.state)
    context = _head_context(consent_id, row.sequence, row.floor, state)
    return StandingConsent(
        state=state,
        sequence=row.sequence,
        floor=row.floor,
        records=parse_head(box.open(row.sealed, context)),
    )


def release_state(connection: Connection, consent_id: bytes) -> ReleaseState | None:
    """Lock a consent and tell whether it lets releases through, with no key; see `standing.may_release`.

    Called inside the transaction that records the release: a withdrawal that commits first is seen
    here, and one that comes later waits for that transaction. Raises `RecordFormatError`.
    """
    row = connection.execute(_LOCKED_STATE, {"consent_id": consent_id}).one_or_none()
    return None if row is None else ReleaseState(state=_state(row.state), floor=row.floor)


def history(connection: Connection, consent_id: bytes, box: SealedBox) -> tuple[ConsentEvent, ...]:
    """Give every event of a consent in order; raises as `find` does."""
    rows = connection.execute(_HISTORY, {"consent_id": consent_id})
    return tuple(parse_event(box.open(row.sealed, _event_context(consent_id, row.sequence))) for row in rows)


def save(
    connection: Connection,
    *,
    consent_id: bytes,
    box: SealedBox,
    event: ConsentEvent,
    before: StandingConsent | None,
    after: StandingConsent,
    expiry_month: int,
) -> None:
    """Append an event and move the head from `before` to `after`, or raise `ConsentConflictError`.

    After that error the transaction must be rolled back.
    """
    head = {
        "state": after.state.value,
        "sequence": after.sequence,
        "floor": after.floor,
        "expiry_month": expiry_month,
        "sealed": box.seal(
            head_bytes(after.records), _head_context(consent_id, after.sequence, after.floor, after.state)
        ),
    }
    line = {
        "consent_id": consent_id,
        "sequence": event.sequence,
        "expiry_month": expiry_month,
        "sealed": box.seal(event_bytes(event), _event_context(consent_id, event.sequence)),
    }
    try:
        if before is None:
            connection.execute(_INSERT_HEAD, {"consent_id": consent_id, **head})
        elif not _move_head(connection, consent_id, before.sequence, head):
            raise ConsentConflictError(_overtaken(event))
        connection.execute(_INSERT_EVENT, line)
    except IntegrityError as error:
        raise ConsentConflictError(_overtaken(event)) from error


def _state(stored: str) -> ConsentState:
    try:
        return ConsentState(stored)
    except ValueError as error:
        detail = "a stored consent head: expected a known state"
        raise RecordFormatError(detail) from error


def keep_until(connection: Connection, consent_id: bytes, *, expiry_month: int) -> None:
    """Keep a consent and its history until a month (yyyymm), because its owner came back."""
    for statement in _KEEP:
        connection.execute(statement, {"this_consent": consent_id, "month": expiry_month})


def forget_until(connection: Connection, month: int) -> int:
    """Delete every consent that may be kept only until before a month (yyyymm); gives how many rows."""
    return sum(connection.execute(statement, {"month": month}).rowcount for statement in _FORGET)


def _move_head(connection: Connection, consent_id: bytes, expected: int, head: Mapping[str, object]) -> bool:
    moved = connection.execute(
        _UPDATE_HEAD, {"this_consent": consent_id, "expected_sequence": expected, **head}
    )
    return moved.rowcount == 1


def _head_context(consent_id: bytes, sequence: int, floor: int, state: ConsentState) -> bytes:
    place = f"consent_heads|{sequence}|{floor}|{state.value}|"
    return place.encode("ascii") + consent_id


def _event_context(consent_id: bytes, sequence: int) -> bytes:
    return f"consent_events|{sequence}|".encode("ascii") + consent_id


def _overtaken(event: ConsentEvent) -> str:
    return f"{event.kind} at sequence {event.sequence}: another decision was recorded first"
