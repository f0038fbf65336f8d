"""Terms, records and a sealing box: valid as they come, one difference per test."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypedDict, Unpack

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from consent.granting import record_decision
from consent.model import (
    AttributeTerms,
    ConsentRecord,
    ConsentState,
    ConsentTerms,
    Decision,
    StandingConsent,
    text_digest,
)
from consent.withdrawal import withdraw

NOW = datetime(2026, 11, 22, 9, 0, 0, 654321, tzinfo=UTC)
JOURNEY = "1234-ABCD-5678"
CONSENT_ID = bytes(range(16))
EXPIRY_MONTH = 202911


@dataclass(frozen=True)
class Box:
    """AES-256-GCM under one key, with a fresh nonce for each row."""

    key: bytes

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self.key).encrypt(nonce, plaintext, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        return AESGCM(self.key).decrypt(sealed[:12], sealed[12:], context)


BOX = Box(bytes(32))


def an_attribute(
    name: str, purpose: str = "To print on the licence", *, required: bool = True
) -> AttributeTerms:
    return AttributeTerms(name=name, purpose_digest=text_digest(purpose), required=required)


NAME = an_attribute("name")
OVER_18 = an_attribute("age_over_18")
POSTCODE = an_attribute("postcode_area", required=False)


class TermsFields(TypedDict, total=False):
    service: str
    notice_digest: str
    notice_version: str
    language: str
    level: str
    lawful_basis: str
    request_digest: str
    provider: str | None


BARE_TERMS = ConsentTerms(
    service="fishing-licence",
    notice_digest=text_digest("The notice"),
    notice_version="2026-11-1",
    language="en",
    attributes=(),
    level="medium.medium",
    lawful_basis="public_task",
    request_digest=text_digest("request"),
    provider="northgate",
)


def terms(*attributes: AttributeTerms, **changes: Unpack[TermsFields]) -> ConsentTerms:
    return replace(BARE_TERMS, attributes=attributes, **changes)


def a_record(
    record_terms: ConsentTerms, shared: tuple[str, ...], *, at: datetime = NOW, sequence: int = 1
) -> ConsentRecord:
    return ConsentRecord(
        terms=record_terms, shared=shared, decided_at=at, sequence=sequence, entry_id=f"{sequence:032x}"
    )


def standing_on(*records: ConsentRecord, floor: int = 0) -> StandingConsent:
    return StandingConsent(
        state=ConsentState.GRANTED, sequence=records[-1].sequence, floor=floor, records=records
    )


def agree(
    connection: Connection,
    standing: StandingConsent | None,
    decision_terms: ConsentTerms,
    shared: tuple[str, ...],
    *,
    consent_id: bytes = CONSENT_ID,
    box: Box = BOX,
    at: datetime = NOW,
) -> StandingConsent:
    return record_decision(
        connection,
        consent_id=consent_id,
        standing=standing,
        box=box,
        terms=decision_terms,
        decision=Decision.AGREED,
        shared=shared,
        at=at,
        journey=JOURNEY,
        expiry_month=EXPIRY_MONTH,
    )


def refuse(
    connection: Connection, standing: StandingConsent | None, decision_terms: ConsentTerms
) -> StandingConsent:
    return record_decision(
        connection,
        consent_id=CONSENT_ID,
        standing=standing,
        box=BOX,
        terms=decision_terms,
        decision=Decision.REFUSED,
        shared=(),
        at=NOW,
        journey=JOURNEY,
        expiry_month=EXPIRY_MONTH,
    )


def take_back(
    connection: Connection,
    standing: StandingConsent,
    *,
    consent_id: bytes = CONSENT_ID,
    box: Box = BOX,
    at: datetime = NOW,
) -> StandingConsent:
    return withdraw(
        connection,
        consent_id=consent_id,
        standing=standing,
        box=box,
        at=at,
        journey=JOURNEY,
        expiry_month=EXPIRY_MONTH,
    )
