"""Consent emits four kinds of event, and each can be written."""

from __future__ import annotations

from audit.entry import Commitment, canonical_bytes
from consent.events import VOCABULARY, ConsentAgreed, ConsentRefused, ConsentShown, ConsentWithdrawn
from consent.model import text_digest
from tests.consent.builders import NOW

DIGEST = text_digest("notice")


def test_the_kinds_of_consent_are_these() -> None:
    assert VOCABULARY.kinds == {
        "consent.shown": ConsentShown,
        "consent.agreed": ConsentAgreed,
        "consent.refused": ConsentRefused,
        "consent.withdrawn": ConsentWithdrawn,
    }


def test_an_agreement_to_every_attribute_of_the_catalogue_fits_into_one_entry() -> None:
    names = tuple(f"an_attribute_with_a_long_name_{number}" for number in range(40))
    agreed = ConsentAgreed(
        journey="1234-ABCD-5678",
        service="fishing-licence",
        consent=Commitment.salted(b"consent", bytes(16)),
        attributes=names,
        shared=names,
        notice_digest=DIGEST,
        notice_version="2026-11-1",
        language="cy",
        level="medium.medium",
        lawful_basis="public_task",
        request_digest=DIGEST,
    )
    assert canonical_bytes(agreed, entry_id=bytes(16), at=NOW, salt=bytes(16))
