"""Rows in their millions, shaped as rows that a real hub wrote: same columns and lengths, other ids and bytes.

What was sealed is replaced by chance bytes of the same length, ids and hashes too, so nothing of these rows opens.
Keys come in two sorted passes, the second between those of the first: an index then is neither packed full nor
filled page by page at random, which would take hours.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, Final

from sqlalchemy import Connection, Integer, LargeBinary, Table, select

_PREFIX_BYTES: Final = 8
_HASH: Final = re.compile(rb"[0-9a-f]{32,}")
_SECOND_PASS: Final = 3  # every third row

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Rows of one table to be copied: their columns, without one that counts up by itself."""

    table: Table
    columns: tuple[str, ...]
    samples: tuple[Row, ...]

    @classmethod
    def of(cls, connection: Connection, table: Table) -> Pattern:
        """Read what stands in a table."""
        columns = [column for column in table.columns if column is not _counter(table)]
        rows = connection.execute(select(*columns)).all()
        return cls(
            table=table, columns=tuple(column.name for column in columns), samples=tuple(map(tuple, rows))
        )

    @property
    def key(self) -> str:
        """Name the column whose values are spread evenly and come sorted."""
        binary = (name for name in self.columns if isinstance(self.table.columns[name].type, LargeBinary))
        return next(binary)

    def passes(self, number: int) -> Iterator[Iterator[Row]]:
        """Give the rows, `number` of them in all, in passes; within a pass they are sorted by key."""
        yield self._rows(number, (i for i in range(number) if i % _SECOND_PASS))
        yield self._rows(number, iter(range(0, number, _SECOND_PASS)))

    def _rows(self, number: int, indexes: Iterator[int]) -> Iterator[Row]:
        at = self.columns.index(self.key)
        stencils = cycle([_Stencil(sample, at) for sample in self.samples])
        width = 2 ** (8 * _PREFIX_BYTES) // number
        salt = self.key.encode()
        for index, stencil in zip(indexes, stencils, strict=False):
            # The same for every table that has this key: what belongs together stays so.
            digest = hashlib.sha256(b"%b %d" % (salt, index)).digest()
            prefix = index * width + int.from_bytes(digest[:_PREFIX_BYTES]) % width
            key = (prefix.to_bytes(_PREFIX_BYTES) + digest[_PREFIX_BYTES:])[: stencil.key_bytes]
            yield stencil.fill(key)


class _Stencil:
    """One sample row: `fill` gives it with another key and other chance bytes."""

    def __init__(self, sample: Row, key_at: int) -> None:
        """Find what in the sample is chance."""
        key: bytes = sample[key_at]
        self.key_bytes = len(key)
        self._sample = list(sample)
        self._key_at = key_at
        self._chance: list[tuple[int, int]] = []
        self._texts: list[tuple[int, list[bytes], list[int]]] = []
        for at, value in enumerate(sample):
            if at == key_at or not isinstance(value, bytes):
                continue
            if value.startswith(b'{"') and value.isascii():
                self._texts.append((at, *_split(value, key.hex().encode())))
            else:
                self._chance.append((at, len(value)))

    def fill(self, key: bytes) -> Row:
        """Give the next row."""
        row = self._sample.copy()
        row[self._key_at] = key
        for at, length in self._chance:
            row[at] = os.urandom(length)
        for at, pieces, lengths in self._texts:
            row[at] = _join(pieces, lengths, key)
        return tuple(row)


def _split(text: bytes, key: bytes) -> tuple[list[bytes], list[int]]:
    """Take the hashes out of a readable entry; gives what is between them and their lengths, 0 for the key."""
    lengths = [0 if found == key else len(found) for found in _HASH.findall(text)]
    return _HASH.split(text), lengths


def _join(pieces: Sequence[bytes], lengths: Sequence[int], key: bytes) -> bytes:
    chance = os.urandom(sum(lengths) // 2 + 1).hex().encode()
    joined, taken = [pieces[0]], 0
    for piece, length in zip(pieces[1:], lengths, strict=True):
        joined.append(chance[taken : taken + length] if length else key.hex().encode())
        joined.append(piece)
        taken += length
    return b"".join(joined)


def _counter(table: Table) -> object:
    """Find the column that the database counts up by itself."""
    column = table.autoincrement_column
    return column if column is not None and isinstance(column.type, Integer) else None
