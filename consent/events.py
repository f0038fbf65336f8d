"""The audit events that consent emits; nothing in them belongs to a person.

Invariant: the consent row appears only as a commitment whose salt lies sealed in the row itself, so two
entries about one person share nothing, and once the row is erased the commitment means nothing.
"""

# No `from __future__ import annotations`: the vocabulary reads the declared types.
from dataclasses import dataclass
from typing import ClassVar

from audit.entry import Commitment, Event, vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentShown(Event):
    """A person was shown these terms; without a decision nothing else is kept of it."""

    kind: ClassVar[str] = "consent.shown"

    journey: str
    service: str
    attributes: tuple[str, ...]
    notice_digest: str
    notice_version: str
    language: str
    level: str
    lawful_basis: str
    request_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAgreed(Event):
    """A person agreed to share `shared` of the `attributes` offered."""

    kind: ClassVar[str] = "consent.agreed"

    journey: str
    service: str
    consent: Commitment
    attributes: tuple[str, ...]
    shared: tuple[str, ...]
    notice_digest: str
    notice_version: str
    language: str
    level: str
    lawful_basis: str
    request_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRefused(Event):
    """A person refused what was offered; an earlier agreement, if any, still stands."""

    kind: ClassVar[str] = "consent.refused"

    journey: str
    service: str
    consent: Commitment
    attributes: tuple[str, ...]
    notice_digest: str
    notice_version: str
    language: str
    level: str
    lawful_basis: str
    request_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn(Event):
    """A person took back everything that they had agreed to share with a service."""

    kind: ClassVar[str] = "consent.withdrawn"

    journey: str
    service: str
    consent: Commitment


VOCABULARY = vocabulary(ConsentShown, ConsentAgreed, ConsentRefused, ConsentWithdrawn)
