"""Single-use marks that must outlive a flush of the short-lived store: rows, in the transaction of their effect."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from broker.insertion import InsertUnlessTaken
from broker.tables import single_use_marks

_MARK = InsertUnlessTaken.into(single_use_marks)
_HOUR = 3600


class AlreadyUsedError(Exception):
    """The value was used before."""


def mark_used(connection: Connection, mark: bytes, expires_at: datetime) -> None:
    """Use a value once; `mark` is its SHA-256 with its kind. Raises `AlreadyUsedError`."""
    purge_after = int(expires_at.timestamp()) // _HOUR + 1
    if not _MARK(connection, {"mark": mark, "purge_after": purge_after}):
        raise AlreadyUsedError
