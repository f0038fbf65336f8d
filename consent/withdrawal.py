"""Take back everything agreed with one service, together with the audit entry.

Invariant: once the caller's transaction commits, nothing issued under the consent is honoured any more,
because every release locks and reads the head that this replaces.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection

from audit import journal
from audit.entry import SALT_BYTES, Commitment
from consent.events import ConsentWithdrawn
from consent.model import ConsentEvent, EventKind, StandingConsent
from consent.records import SealedBox, save
from consent.standing import after_withdrawal


def withdraw(
    connection: Connection,
    *,
    consent_id: bytes,
    standing: StandingConsent,
    box: SealedBox,
    at: datetime,
    journey: str,
    expiry_month: int,
) -> StandingConsent:
    """Withdraw a consent that stands; gives what stands now: nothing, under a new floor.

    `standing` is what `records.find(..., for_update=True)` gave in this transaction; `journey` the
    reference of the visit. Raises `NothingToWithdrawError` (also on the second click) before anything is
    written, and `ConsentConflictError` when another decision came first; then roll back, look again.
    """
    after = after_withdrawal(standing)
    salt = secrets.token_bytes(SALT_BYTES)
    entry_id = journal.append(
        connection,
        ConsentWithdrawn(
            journey=journey,
            service=standing.records[-1].terms.service,
            consent=Commitment.salted(consent_id, salt),
        ),
        at=at,
    )
    event = ConsentEvent(
        kind=EventKind.WITHDRAWN,
        sequence=after.sequence,
        at=at,
        journey=journey,
        entry_id=entry_id,
        salt=salt,
        terms=None,
        shared=(),
    )
    save(
        connection,
        consent_id=consent_id,
        box=box,
        event=event,
        before=standing,
        after=after,
        expiry_month=expiry_month,
    )
    return after
