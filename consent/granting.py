"""Record what a person was shown and what they decided, together with the audit entry.

Invariant: a decision that is not journalled cannot be recorded, because both go through the caller's
one transaction; and a decision is made against the state that the person was shown, so of two made
against the same state one is refused.

    with engine.begin() as connection:
        standing = records.find(connection, consent_id, box, for_update=True)
        standing = record_decision(connection, standing=standing, consent_id=consent_id, box=box, ...)
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from audit import journal
from audit.entry import SALT_BYTES, Commitment
from consent.events import ConsentAgreed, ConsentRefused, ConsentShown
from consent.model import (
    ConsentEvent,
    ConsentRecord,
    ConsentTerms,
    Decision,
    EventKind,
    StandingConsent,
)
from consent.records import SealedBox, save
from consent.standing import after_agreement, after_refusal, next_sequence, settle_shared


def record_shown(connection: Connection, *, terms: ConsentTerms, at: datetime, journey: str) -> str:
    """Journal that a person was shown these terms; gives the entry's id.

    No consent row is written: who looks and leaves leaves nothing behind that is theirs.
    """
    return journal.append(connection, shown_event(terms, journey), at=at)


def shown_event(terms: ConsentTerms, journey: str) -> ConsentShown:
    """Write the event of `record_shown`, for callers that append it together with others."""
    return ConsentShown(
        journey=journey,
        service=terms.service,
        attributes=terms.names,
        notice_digest=terms.notice_digest,
        notice_version=terms.notice_version,
        language=terms.language,
        level=terms.level,
        lawful_basis=terms.lawful_basis,
        request_digest=terms.request_digest,
    )


def record_decision(  # noqa: PLR0913 (everything that a decision binds, all by name)
    connection: Connection,
    *,
    consent_id: bytes,
    standing: StandingConsent | None,
    box: SealedBox,
    terms: ConsentTerms,
    decision: Decision,
    shared: Collection[str],
    at: datetime,
    journey: str,
    expiry_month: int,
) -> StandingConsent:
    """Record a decision and its audit entry; gives what stands now.

    `standing` is what `records.find` gave when the terms were worked out; `terms` are exactly those
    shown, for an extension only the difference; `shared` the names agreed to (none in a refusal);
    `expiry_month` is yyyymm. Raises `SharedNotOfferedError`, `RequiredNotSharedError`,
    `RefusalSharesError` before anything is written, and `ConsentConflictError` when another decision
    came first; the transaction must then be rolled back.
    """
    settled = settle_shared(terms, decision, shared)
    sequence = next_sequence(standing)
    salt = secrets.token_bytes(SALT_BYTES)
    consent = Commitment.salted(consent_id, salt)
    if decision is Decision.AGREED:
        entry_id = journal.append(connection, _agreed(terms, settled, journey, consent), at=at)
        record = ConsentRecord(
            terms=terms, shared=settled, decided_at=at, sequence=sequence, entry_id=entry_id
        )
        after = after_agreement(standing, record)
    else:
        entry_id = journal.append(connection, _refused(terms, journey, consent), at=at)
        after = after_refusal(standing)
    event = ConsentEvent(
        kind=EventKind(decision.value),
        sequence=sequence,
        at=at,
        journey=journey,
        entry_id=entry_id,
        salt=salt,
        terms=terms,
        shared=settled,
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


def _agreed(terms: ConsentTerms, shared: tuple[str, ...], journey: str, consent: Commitment) -> ConsentAgreed:
    return ConsentAgreed(
        journey=journey,
        service=terms.service,
        consent=consent,
        attributes=terms.names,
        shared=shared,
        notice_digest=terms.notice_digest,
        notice_version=terms.notice_version,
        language=terms.language,
        level=terms.level,
        lawful_basis=terms.lawful_basis,
        request_digest=terms.request_digest,
    )


def _refused(terms: ConsentTerms, journey: str, consent: Commitment) -> ConsentRefused:
    return ConsentRefused(
        journey=journey,
        service=terms.service,
        consent=consent,
        attributes=terms.names,
        notice_digest=terms.notice_digest,
        notice_version=terms.notice_version,
        language=terms.language,
        level=terms.level,
        lawful_basis=terms.lawful_basis,
        request_digest=terms.request_digest,
    )
