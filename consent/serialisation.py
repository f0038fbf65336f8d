"""Records and events as the bytes that are sealed, and back.

Invariant: what was written reads back equal, and what does not read exactly as written (another
version, a missing or foreign key, a wrong type) is refused with `RecordFormatError`, never guessed at.
The bytes are padded to whole blocks, because in a stolen database the length of a row would otherwise
tell which service it is about and how much was shared.
"""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from consent.errors import InvalidTermsError, RecordFormatError
from consent.model import AttributeTerms, ConsentEvent, ConsentRecord, ConsentTerms, EventKind

BLOCK_BYTES = 1024

_VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_T = TypeVar("_T")

_HEAD_KEYS = frozenset({"v", "records"})
_RECORD_KEYS = frozenset({"terms", "shared", "at", "seq", "entry"})
_EVENT_KEYS = frozenset({"v", "kind", "seq", "at", "journey", "entry", "salt", "terms", "shared"})
_TERMS_KEYS = frozenset(
    {"service", "notice", "version", "language", "attributes", "level", "basis", "request", "provider"},
)

_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def head_bytes(records: Iterable[ConsentRecord]) -> bytes:
    """Write what a head row seals: the records that stand."""
    written = [
        {
            "terms": _write_terms(record.terms),
            "shared": record.shared,
            "at": _write_time(record.decided_at),
            "seq": record.sequence,
            "entry": record.entry_id,
        }
        for record in records
    ]
    return _pad({"v": _VERSION, "records": written})


def parse_head(plaintext: bytes) -> tuple[ConsentRecord, ...]:
    """Read what a head row sealed; raises `RecordFormatError`."""
    head = _document(plaintext, _HEAD_KEYS)
    return tuple(_read_record(record) for record in _list(head["records"]))


def event_bytes(event: ConsentEvent) -> bytes:
    """Write what an event row seals."""
    return _pad(
        {
            "v": _VERSION,
            "kind": event.kind.value,
            "seq": event.sequence,
            "at": _write_time(event.at),
            "journey": event.journey,
            "entry": event.entry_id,
            "salt": _write_bytes(event.salt),
            "terms": None if event.terms is None else _write_terms(event.terms),
            "shared": event.shared,
        },
    )


def parse_event(plaintext: bytes) -> ConsentEvent:
    """Read what an event row sealed; raises `RecordFormatError`."""
    event = _document(plaintext, _EVENT_KEYS)
    try:
        kind = EventKind(_text(event["kind"]))
    except ValueError as error:
        raise RecordFormatError(_fault("a kind of event")) from error
    return ConsentEvent(
        kind=kind,
        sequence=_integer(event["seq"]),
        at=_read_time(event["at"]),
        journey=_text(event["journey"]),
        entry_id=_text(event["entry"]),
        salt=_read_bytes(event["salt"]),
        terms=None if event["terms"] is None else _read_terms(event["terms"]),
        shared=_texts(event["shared"]),
    )


def _write_terms(terms: ConsentTerms) -> dict[str, object]:
    return {
        "service": terms.service,
        "notice": _write_digest(terms.notice_digest),
        "version": terms.notice_version,
        "language": terms.language,
        "attributes": [
            (each.name, _write_digest(each.purpose_digest), each.required) for each in terms.attributes
        ],
        "level": terms.level,
        "basis": terms.lawful_basis,
        "request": _write_digest(terms.request_digest),
        "provider": terms.provider,
    }


def _read_terms(value: object) -> ConsentTerms:
    terms = _object(value, _TERMS_KEYS)
    try:
        return ConsentTerms(
            service=_text(terms["service"]),
            notice_digest=_read_digest(terms["notice"]),
            notice_version=_text(terms["version"]),
            language=_text(terms["language"]),
            attributes=tuple(_read_attribute(each) for each in _list(terms["attributes"])),
            level=_text(terms["level"]),
            lawful_basis=_text(terms["basis"]),
            request_digest=_read_digest(terms["request"]),
            provider=None if terms["provider"] is None else _text(terms["provider"]),
        )
    except InvalidTermsError as error:
        raise RecordFormatError(_fault("terms that bind")) from error


def _read_attribute(value: object) -> AttributeTerms:
    match _list(value):
        case [str(name), str(purpose), bool(required)]:
            return AttributeTerms(name=name, purpose_digest=_read_digest(purpose), required=required)
        case _:
            raise RecordFormatError(_fault("a name, a purpose and whether it is required"))


def _read_record(value: object) -> ConsentRecord:
    record = _object(value, _RECORD_KEYS)
    return ConsentRecord(
        terms=_read_terms(record["terms"]),
        shared=_texts(record["shared"]),
        decided_at=_read_time(record["at"]),
        sequence=_integer(record["seq"]),
        entry_id=_text(record["entry"]),
    )


def _pad(document: dict[str, object]) -> bytes:
    written = _encode(document).encode("ascii")
    return written + b" " * (-len(written) % BLOCK_BYTES)


def _document(plaintext: bytes, keys: frozenset[str]) -> dict[str, object]:
    try:
        document = _object(json.loads(plaintext), keys)
    except ValueError as error:
        raise RecordFormatError(_fault("JSON")) from error
    if _integer(document["v"]) != _VERSION:
        raise RecordFormatError(_fault(f"version {_VERSION}"))
    return document


def _object(value: object, keys: frozenset[str]) -> dict[str, object]:
    if not isinstance(value, dict) or value.keys() != keys:
        raise RecordFormatError(_fault(f"an object with {', '.join(sorted(keys))}"))
    return value


def _list(value: object) -> list[object]:
    return _exactly(list, value)


def _text(value: object) -> str:
    return _exactly(str, value)


def _integer(value: object) -> int:
    return _exactly(int, value)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(each) for each in _list(value))


def _exactly(expected: type[_T], value: object) -> _T:
    if type(value) is not expected:
        raise RecordFormatError(_fault(expected.__name__))
    return value


def _write_time(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _read_time(value: object) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=_integer(value))
    except OverflowError as error:
        raise RecordFormatError(_fault("a time")) from error


def _write_bytes(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode("ascii")


def _read_bytes(value: object) -> bytes:
    try:
        return a2b_base64(_text(value), strict_mode=True)
    except ValueError as error:
        raise RecordFormatError(_fault("base64")) from error


def _write_digest(digest: str) -> str:
    # Two thirds of the length in hexadecimal: a usual record then fits well into one block.
    return _write_bytes(bytes.fromhex(digest))


def _read_digest(value: object) -> str:
    return _read_bytes(value).hex()


def _fault(expected: str) -> str:
    return f"a stored consent record: expected {expected}"
