"""Grants: one row per code, which decides who spends it and stops what it gave.

Invariant: one journey handle decides once, whatever the short-lived store remembers: the key is its code's. Of any
number of redemptions exactly one flips `spent`; a second one revokes the grant, and every token of it stops at once.
The row stays as a tombstone until the last token of the grant has expired.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy import Connection, bindparam, false, select, update

from broker.insertion import InsertUnlessTaken
from broker.tables import grants

CODE_LIFE = timedelta(seconds=60)
DECISION_LIFE = timedelta(hours=7)
"""Longer than a journey with its afterwards, and than any token: a handle that still opens is decided for good."""
ACCESS_TOKEN_LIFE = timedelta(minutes=10)
_HOUR = 3600
_CREATE = InsertUnlessTaken.into(grants)
_SPEND = (
    update(grants)
    .where(grants.c.code_key == bindparam("at_key"), grants.c.spent == false(), grants.c.revoked == false())
    .values(spent=True)
)
_REVOKE = (
    update(grants)
    .where(grants.c.code_key == bindparam("at_key"), grants.c.revoked == false())
    .values(spent=True, revoked=True)
)
_SELECT = select(grants.c.spent, grants.c.revoked).where(grants.c.code_key == bindparam("at_key"))


class GrantState(Enum):
    """Where a grant stands."""

    UNKNOWN = auto()
    UNSPENT = auto()
    ACTIVE = auto()
    REVOKED = auto()


def create_grant(connection: Connection, code_key: bytes, now: datetime, *, refused: bool = False) -> bool:
    """Write down the one decision of a journey handle: a code was issued, or `refused` and never will be.

    False when it was written down before, and then nothing has changed.
    """
    ends = int((now + DECISION_LIFE).timestamp())
    row = {"code_key": code_key, "spent": False, "revoked": refused, "purge_after": ends // _HOUR + 1}
    return _CREATE(connection, row)


def spend_grant(connection: Connection, code_key: bytes) -> bool:
    """Redeem a code once, atomically; False when it was spent, revoked or never issued (RFC 6749 §4.1.2)."""
    return connection.execute(_SPEND, {"at_key": code_key}).rowcount == 1


def revoke_grant(connection: Connection, code_key: bytes) -> bool:
    """Stop everything that the code gave; False when there was nothing left to stop."""
    return connection.execute(_REVOKE, {"at_key": code_key}).rowcount == 1


def grant_state(connection: Connection, code_key: bytes) -> GrantState:
    """Where the grant stands now."""
    row = connection.execute(_SELECT, {"at_key": code_key}).one_or_none()
    if row is None:
        return GrantState.UNKNOWN
    if row.revoked:
        return GrantState.REVOKED
    return GrantState.ACTIVE if row.spent else GrantState.UNSPENT
