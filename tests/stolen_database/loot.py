"""The thief's tools: every byte of the database's files, every row, and every guise a secret might wear."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.running_hub import RunningHub

Row = tuple[tuple[str, Any], ...]
"""Column names with values; the first pair names the table."""

_SHORTEST_IN_CLEAR = 6
"""Shorter texts turn up in random bytes by chance; their hashes and encodings are searched all the same."""
_OVERLAP = 512
_HASHES = ("sha256", "sha1", "sha512", "md5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needle:
    """One form of one secret, as bytes."""

    what: str
    form: str
    value: bytes


def pages_of(hub: RunningHub) -> set[bytes]:
    """Every byte that lies in the database's files now, write-ahead log included, page by page.

    Pages overlap a little, so that nothing hides on an edge.
    """
    pieces: set[bytes] = set()
    for suffix, header, stride in (("", 0, 4096), ("-wal", 32, 4096 + 24), ("-journal", 0, 4096)):
        path = hub.database.with_name(hub.database.name + suffix)
        content = path.read_bytes() if path.exists() else b""
        pieces.update(content[at : at + stride + _OVERLAP] for at in range(header, len(content), stride))
    return pieces


def values_of(hub: RunningHub) -> set[bytes]:
    """Every value of every row by itself: in the files, long ones are broken up over pages."""
    values = (value for row in rows_of(hub) for _, value in row)
    return {value if isinstance(value, bytes) else str(value).encode() for value in values}


def rows_of(hub: RunningHub) -> set[Row]:
    """Every row of every table, SQLite's own row numbers included where a table keeps them."""
    connection = sqlite3.connect(f"file:{hub.database}?mode=ro", uri=True, timeout=10)
    try:
        connection.execute("BEGIN")
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        return {row for table in tables for row in _rows(connection, table)}
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[Row]:
    cursor = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # a name from the schema itself
    names = [column[0] for column in cursor.description]
    for values in cursor:
        yield (("table", table), *zip(names, values, strict=True))


def texts_in(what: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text and number of a claim, however deep, with what it is."""
    match value:
        case dict():
            for name, member in value.items():
                yield from texts_in(f"{what}.{name}", member)
        case list() | tuple():
            for member in value:
                yield from texts_in(what, member)
        case str():
            yield what, value
            yield from ((f"{what} (a line)", line) for line in value.splitlines() if line != value)
        case int() | float() if not isinstance(value, bool):
            yield what, str(value)
        case _:
            return


def guises(what: str, text: str) -> Iterator[Needle]:
    """A secret in clear, in JSON's spelling, in other cases, hex, base64 at every offset, and hashed plainly."""
    spellings = {text, text.lower(), text.upper(), json.dumps(text)[1:-1]}
    for spelling in spellings:
        for encoding in ("utf-8", "utf-16-le"):
            yield from _encodings(what, f"{encoding} {spelling!r}", spelling.encode(encoding))
        for algorithm in _HASHES:
            digest = hashlib.new(algorithm, spelling.encode(), usedforsecurity=False).digest()
            yield Needle(what=what, form=algorithm, value=digest)
            yield from _encodings(what, algorithm, digest)


def _encodings(what: str, form: str, value: bytes) -> Iterator[Needle]:
    if len(value) >= _SHORTEST_IN_CLEAR:
        yield Needle(what=what, form=form, value=value)
    if len(value) >= _SHORTEST_IN_CLEAR // 2:
        yield Needle(what=what, form=f"hex of {form}", value=value.hex().encode())
        yield Needle(what=what, form=f"HEX of {form}", value=value.hex().upper().encode())
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + value)
        # Letters that depend on what stands before and after are cut off.
        inner = encoded[(offset * 4 + 2) // 3 : len(encoded) - 4 if len(value) % 3 or offset else None]
        if len(inner) >= _SHORTEST_IN_CLEAR:
            yield Needle(what=what, form=f"base64 of {form}", value=inner)
            yield Needle(what=what, form=f"base64url of {form}", value=inner.translate(_URL_SAFE))


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def found(needles: Iterable[Needle], pieces: Iterable[bytes]) -> list[Needle]:
    """The needles that are in any piece; looks at each place once, however many needles there are."""
    by_beginning: dict[bytes, list[Needle]] = {}
    for needle in needles:
        by_beginning.setdefault(needle.value[:_SHORTEST_IN_CLEAR], []).append(needle)
    there: dict[Needle, None] = {}
    for piece in pieces:
        for at in range(len(piece) - _SHORTEST_IN_CLEAR + 1):
            for needle in by_beginning.get(piece[at : at + _SHORTEST_IN_CLEAR], ()):
                if piece.startswith(needle.value, at):
                    there[needle] = None
    return list(there)
