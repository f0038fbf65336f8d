"""Why the log refused something: one class per cause.

`description` may be shown to anyone; `detail` is for the operator's log and names kinds, fields and
types, never a value: a value that was refused may well be personal data.
"""

from __future__ import annotations

from typing import ClassVar


class AuditError(Exception):
    """Something could not be written to the log, or read from it."""

    description: ClassVar[str] = "The hub could not keep its record of this step."

    def __init__(self, detail: str) -> None:
        """Keep what the operator needs to know; it must not hold the refused value."""
        super().__init__(detail)
        self.detail = detail


class EntryError(AuditError):
    """An event cannot become an entry; nothing was written."""


class VocabularyError(EntryError):
    """A vocabulary declares a kind or a field that entries cannot hold; raised when it is declared."""


class UnknownKindError(EntryError):
    """The event's class belongs to no vocabulary."""


class FieldTypeError(EntryError):
    """A field holds another type of value than its class declares."""


class UnsuitableTokenError(EntryError):
    """A text field is not a short token: too long, empty, or with characters that could break an entry."""


class IntegerRangeError(EntryError):
    """An integer lies outside what every JSON reader keeps exactly (RFC 8785 section 3.2.2.3)."""


class TimeNotUtcError(EntryError):
    """A time is naive or not in UTC."""


class EntryIdentityError(EntryError):
    """An entry id, a salt or a commitment has not the length that it must have."""


class EntryTooLargeError(EntryError):
    """The canonical bytes exceed the limit of one entry."""
