"""What a person was shown, what they decided, and what stands because of it.

Invariant: a record is only ever what one decision said about the exact terms shown; nothing is copied
from one decision into another. What stands is a list of such records in which each attribute is
answered by the latest decision that offered it, so extending a consent never renews or rewrites the rest
of it (A-CO-04).

Times are aware UTC. Digests are SHA-256 in lowercase hexadecimal. Shapes follow ISO/IEC TS 27560: the
lawful basis is a fact about the service, and apart from the person's approval (`standards.md` 5.2, 5.3).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from consent.errors import InvalidTermsError

STANDING_FOR = timedelta(days=365)

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Decision(StrEnum):
    """What the person answered."""

    AGREED = "agreed"
    REFUSED = "refused"


class ConsentState(StrEnum):
    """Where one person's consent to one service stands; the clear column of its head row."""

    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class EventKind(StrEnum):
    """What an event in a consent's history says; a later event supersedes the earlier ones."""

    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


def text_digest(text: str) -> str:
    """Digest a notice or a purpose exactly as it was shown."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeTerms:
    """One attribute on offer, why the service wants it, and whether it can do without.

    `purpose_digest` covers the purpose in all its registered languages, so that reading the page in
    another language is no change of purpose.
    """

    name: str
    purpose_digest: str
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentTerms:
    """Exactly what a person is asked to agree to; raises `InvalidTermsError`.

    `notice_digest` is of the exact text in `language`, without the attribute list and the level (they stand
    in fields of their own: a longer list is a difference to ask about, not another notice).
    `notice_version` changes whenever the text changes in any language, and vouches for the other ones.
    `level` is `<proofing>.<protection>`; `provider` is who signed the person in; `request_digest` is of
    the service's request.
    """

    service: str
    notice_digest: str
    notice_version: str
    language: str
    attributes: tuple[AttributeTerms, ...]
    level: str
    lawful_basis: str
    request_digest: str
    provider: str | None = None

    def __post_init__(self) -> None:
        """Refuse terms that bind to nothing."""
        digests = (
            self.notice_digest,
            self.request_digest,
            *(each.purpose_digest for each in self.attributes),
        )
        if any(_DIGEST.fullmatch(digest) is None for digest in digests):
            detail = f"{self.service}: a digest is 64 lowercase hexadecimal characters"
            raise InvalidTermsError(detail)
        if len(set(self.names)) != len(self.attributes):
            detail = f"{self.service}: an attribute is offered twice"
            raise InvalidTermsError(detail)

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes on offer, in the order shown."""
        return tuple(each.name for each in self.attributes)

    @property
    def required_names(self) -> tuple[str, ...]:
        """The attributes that the service cannot do without."""
        return tuple(each.name for each in self.attributes if each.required)

    def only(self, names: Collection[str]) -> ConsentTerms:
        """Give the same terms for some of the attributes, as when only a difference is asked about."""
        return replace(self, attributes=tuple(each for each in self.attributes if each.name in names))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """What one decision to agree still says: the terms, the names shared, when, and its place in order.

    `entry_id` is the audit entry that was written with it.
    """

    terms: ConsentTerms
    shared: tuple[str, ...]
    decided_at: datetime
    sequence: int
    entry_id: str

    @property
    def lapses_at(self) -> datetime:
        """The first moment at which this decision no longer counts."""
        return self.decided_at + STANDING_FOR


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingConsent:
    """Where a consent stands now; `records` are in order of decision, the latest last.

    `floor` is the sequence of the last decision that narrowed what is shared: nothing issued under an
    earlier one is honoured any more.
    """

    state: ConsentState
    sequence: int
    floor: int
    records: tuple[ConsentRecord, ...]

    @property
    def shared(self) -> tuple[str, ...]:
        """Every attribute name agreed to, old decisions included; `coverage` says what may leave now."""
        return tuple(name for record in self.records for name in record.shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseState:
    """What a release may learn about a consent with no key: its state and its floor."""

    state: ConsentState
    floor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent:
    """One line of a consent's history; `terms` and `shared` are empty for a withdrawal.

    `journey` is the reference of the journey or visit in which it happened. `entry_id` names the audit
    entry and `salt` opens the commitment in it, so that its owner alone can show which entry is theirs.
    """

    kind: EventKind
    sequence: int
    at: datetime
    journey: str
    entry_id: str
    salt: bytes
    terms: ConsentTerms | None
    shared: tuple[str, ...]
