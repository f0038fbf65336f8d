"""What a field of an entry may hold, checked by exact type and written as JSON.

Invariant: a written value is printable ASCII without quotes, backslashes or spaces, so one entry stays
one entry wherever it is shown (A-AU-05); and a token cannot hold a name, a sentence or an e-mail
address, so personal data has nowhere to hide (A-AU-04). Error texts name the field and the type, never
the value.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import Union, get_args, get_origin

from audit.commitment import Commitment
from audit.errors import (
    FieldTypeError,
    IntegerRangeError,
    TimeNotUtcError,
    UnsuitableTokenError,
    VocabularyError,
)

MAX_TOKEN_LENGTH = 200
MAX_SAFE_INTEGER = 2**53 - 1

# No first character with which spreadsheets begin a formula (= + - @), and none that starts a path up.
TOKEN = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.~:/-]{{0,{MAX_TOKEN_LENGTH - 1}}}", re.ASCII)

JsonValue = str | int | bool | list[str]
FieldWriter = Callable[[str, object], JsonValue]

_NO_OFFSET = timedelta(0)


def is_token(text: str) -> bool:
    """Tell whether a text may stand in an entry, for callers that hold text from outside."""
    return TOKEN.fullmatch(text) is not None


def write_token(name: str, value: object) -> str:
    """Let a short token through; raises `FieldTypeError`, `UnsuitableTokenError`."""
    if type(value) is not str:
        raise FieldTypeError(_expected(name, "a string", value))
    if TOKEN.fullmatch(value) is None:
        detail = f"{name}: expected {TOKEN.pattern}, got a text of {len(value)} characters"
        raise UnsuitableTokenError(detail)
    return value


def write_integer(name: str, value: object) -> int:
    """Let an integer through that every JSON reader keeps; raises `FieldTypeError`, `IntegerRangeError`."""
    if type(value) is not int:
        raise FieldTypeError(_expected(name, "an integer", value))
    if abs(value) > MAX_SAFE_INTEGER:
        detail = f"{name}: expected an integer within ±(2^53 - 1)"
        raise IntegerRangeError(detail)
    return value


def write_boolean(name: str, value: object) -> bool:
    """Let true or false through; raises `FieldTypeError`."""
    if type(value) is not bool:
        raise FieldTypeError(_expected(name, "a boolean", value))
    return value


def write_time(name: str, value: object) -> str:
    """Write an aware UTC time as RFC 3339 in milliseconds; raises `FieldTypeError`, `TimeNotUtcError`."""
    if not isinstance(value, datetime):
        raise FieldTypeError(_expected(name, "a datetime", value))
    if value.utcoffset() != _NO_OFFSET:
        detail = f"{name}: expected an aware time in UTC"
        raise TimeNotUtcError(detail)
    return value.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def write_commitment(name: str, value: object) -> str:
    """Write a commitment's wire form; raises `FieldTypeError`."""
    if type(value) is not Commitment:
        raise FieldTypeError(_expected(name, "a Commitment", value))
    return value.wire


def writer_for(name: str, annotation: object) -> tuple[FieldWriter, bool]:
    """Find the writer for a declared type, and whether `None` (left out) is allowed.

    Raises `VocabularyError` for a type that entries cannot hold.
    """
    if get_origin(annotation) in {Union, types.UnionType}:
        present = [member for member in get_args(annotation) if member is not type(None)]
        if len(present) == 1 and len(present) < len(get_args(annotation)):
            return _writer_for_present(name, present[0]), True
        raise VocabularyError(_undeclarable(name, annotation))
    return _writer_for_present(name, annotation), False


def _writer_for_present(name: str, annotation: object) -> FieldWriter:
    if get_origin(annotation) is tuple:
        members = get_args(annotation)
        if len(members) == 2 and members[1] is Ellipsis:  # noqa: PLR2004 (a tuple of any length)
            return _tuple_writer(_text_writer(name, members[0]))
        raise VocabularyError(_undeclarable(name, annotation))
    plain: dict[object, FieldWriter] = {
        int: write_integer,
        bool: write_boolean,
        datetime: write_time,
        Commitment: write_commitment,
    }
    writer = plain.get(annotation)
    return writer if writer is not None else _text_writer(name, annotation)


def _text_writer(name: str, annotation: object) -> Callable[[str, object], str]:
    if annotation is str:
        return write_token
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _enum_writer(name, annotation)
    raise VocabularyError(_undeclarable(name, annotation))


def _enum_writer(name: str, members: type[Enum]) -> Callable[[str, object], str]:
    wire: dict[object, str] = {}
    for member in members:
        if not isinstance(member.value, str) or not is_token(member.value):
            detail = f"{name}: a wire value of {members.__name__} is no token"
            raise VocabularyError(detail)
        wire[member] = str(member.value)

    def write_member(field: str, value: object) -> str:
        if type(value) is not members:
            raise FieldTypeError(_expected(field, f"a {members.__name__}", value))
        return wire[value]

    return write_member


def _tuple_writer(write_item: Callable[[str, object], str]) -> FieldWriter:
    def write_items(field: str, value: object) -> list[str]:
        if type(value) is not tuple:
            raise FieldTypeError(_expected(field, "a tuple", value))
        return [write_item(field, item) for item in value]

    return write_items


def _expected(name: str, what: str, value: object) -> str:
    return f"{name}: expected {what}, got {type(value).__name__}"


def _undeclarable(name: str, annotation: object) -> str:
    return f"{name}: an entry cannot hold {annotation}"
