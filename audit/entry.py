"""An event as canonical bytes: closed kinds, allow-listed fields, nothing that can break an entry.

Invariant: whatever an event holds, its entry is one JSON object in printable ASCII, exactly in its
RFC 8785 form and at most 4 KiB, from which the same kind and fields read back. Sixteen random bytes of
salt in each keep a published leaf hash from being guessed back to its entry.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class ProviderChosen(Event):
        kind: ClassVar[str] = "journey.provider_chosen"
        journey: str
        provider: str

    VOCABULARY = vocabulary(ProviderChosen)

A module that declares events leaves out `from __future__ import annotations`, because the declared
types are read when the vocabulary is built.

The standard library's encoder (in C) writes the bytes in a fifth of the time that the package `rfc8785`
takes. For the values that `audit.fields` lets through the two agree; property tests hold it to that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from types import MappingProxyType
from typing import ClassVar, get_type_hints

from audit.commitment import Commitment
from audit.errors import (
    EntryIdentityError,
    EntryTooLargeError,
    FieldTypeError,
    UnknownKindError,
    VocabularyError,
)
from audit.fields import FieldWriter, JsonValue, write_time, writer_for

__all__ = [
    "ENTRY_ID_BYTES",
    "ENTRY_VERSION",
    "MAX_ENTRY_BYTES",
    "SALT_BYTES",
    "Commitment",
    "Event",
    "Vocabulary",
    "canonical_bytes",
    "vocabulary",
]

ENTRY_VERSION = 1
ENTRY_ID_BYTES = 16
SALT_BYTES = 16
MAX_ENTRY_BYTES = 4096

_KIND = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)+", re.ASCII)
_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that the hub did; each kind is a frozen, slotted subclass in one vocabulary."""

    kind: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The kinds of event that one package emits; closed once built."""

    kinds: Mapping[str, type[Event]]

    def __contains__(self, event: object) -> bool:
        """Tell whether an event is of one of these kinds."""
        return isinstance(event, Event) and self.kinds.get(event.kind) is type(event)

    def __iter__(self) -> Iterator[type[Event]]:
        """Go through the classes in the order in which they were declared."""
        return iter(self.kinds.values())


@dataclass(frozen=True, slots=True)
class _Field:
    """How one field is read from an event and written."""

    name: str
    qualified: str
    read: attrgetter[object]
    write: FieldWriter
    optional: bool


# Filled by `vocabulary` when a package's events are imported: which classes may become entries, and how.
_FIELDS: dict[type[Event], tuple[_Field, ...]] = {}


def vocabulary(*classes: type[Event]) -> Vocabulary:
    """Close the list of kinds that a package emits; only such events become entries.

    Raises `VocabularyError` when a class is not a frozen dataclass of plain fields, when its kind is
    not of the form `subject.happened`, or when the kind is already taken by another class.
    """
    taken = {known.kind: known for known in _FIELDS}
    compiled: dict[type[Event], tuple[_Field, ...]] = {}
    for declared in classes:
        kind = getattr(declared, "kind", "")
        if _KIND.fullmatch(kind) is None:
            detail = f"{declared.__name__}: a kind reads like subject.happened, got {kind!r}"
            raise VocabularyError(detail)
        if kind in taken:
            detail = f"{declared.__name__}: {kind} already belongs to {taken[kind].__name__}"
            raise VocabularyError(detail)
        taken[kind] = declared
        compiled[declared] = _compile(declared)
    _FIELDS.update(compiled)
    return Vocabulary(kinds=MappingProxyType({declared.kind: declared for declared in classes}))


def _compile(declared: type[Event]) -> tuple[_Field, ...]:
    # `Event` is a frozen dataclass itself (so its subclasses can be no other), but this class may not be one.
    if "__dataclass_fields__" not in vars(declared):
        detail = f"{declared.__name__}: an event is a frozen dataclass"
        raise VocabularyError(detail)
    hints = get_type_hints(declared)
    compiled = []
    for field in fields(declared):
        qualified = f"{declared.kind}.{field.name}"
        if not field.name.isascii():
            detail = f"{qualified}: a field's name is in ASCII"
            raise VocabularyError(detail)
        write, optional = writer_for(qualified, hints[field.name])
        compiled.append(_Field(field.name, qualified, attrgetter(field.name), write, optional))
    # RFC 8785 section 3.2.3 sorts by UTF-16 code units; for identifiers in ASCII that is the plain order.
    return tuple(sorted(compiled, key=lambda each: each.name))


def canonical_bytes(event: Event, *, entry_id: bytes, at: datetime, salt: bytes) -> bytes:
    """Write an event as one entry in its RFC 8785 form; the same arguments give the same bytes.

    `entry_id` and `salt` are 16 random bytes each, `at` is aware UTC and kept to the millisecond.
    Raises `UnknownKindError`, `FieldTypeError`, `UnsuitableTokenError`, `IntegerRangeError`,
    `TimeNotUtcError`, `EntryIdentityError`, `EntryTooLargeError`.
    """
    plan = _FIELDS.get(type(event))
    if plan is None:
        detail = f"{type(event).__name__} belongs to no vocabulary"
        raise UnknownKindError(detail)
    if len(entry_id) != ENTRY_ID_BYTES or len(salt) != SALT_BYTES:
        detail = (
            f"{event.kind}: an entry has an id and a salt of 16 bytes, got {len(entry_id)} and {len(salt)}"
        )
        raise EntryIdentityError(detail)
    written: dict[str, JsonValue] = {}
    for field in plan:
        value = field.read(event)
        if value is not None:
            written[field.name] = field.write(field.qualified, value)
        elif not field.optional:
            detail = f"{field.qualified}: expected a value, got None"
            raise FieldTypeError(detail)
    # The keys stand in their canonical order already; see `_compile`.
    body = _encode(
        {
            "at": write_time("at", at),
            "fields": written,
            "id": entry_id.hex(),
            "kind": event.kind,
            "salt": salt.hex(),
            "v": ENTRY_VERSION,
        },
    ).encode("ascii")
    if len(body) > MAX_ENTRY_BYTES:
        detail = f"{event.kind}: an entry has at most {MAX_ENTRY_BYTES} bytes, got {len(body)}"
        raise EntryTooLargeError(detail)
    return body
