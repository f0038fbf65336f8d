"""Forgets what has run out: envelopes, marks and tombstones by the hour, accounts of people who stay away by the month.

Invariant: nothing is deleted that could still be asked for; every row says itself when that is.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from broker.database import Database
from broker.tables import account_slots, envelopes, grants, provider_links, single_use_marks
from consent.records import forget_until

_HOUR = 3600
_BY_THE_HOUR = (envelopes, grants, single_use_marks)
_BY_THE_MONTH = (provider_links, account_slots)


def purge(database: Database, now: datetime) -> int:
    """Delete every row whose time has passed; gives how many. One short transaction for each table."""
    hour = int(now.timestamp()) // _HOUR
    month = now.year * 100 + now.month
    forgotten = 0
    for table in _BY_THE_HOUR:
        with database.transaction() as connection:
            forgotten += connection.execute(delete(table).where(table.c.purge_after < hour)).rowcount
    for table in _BY_THE_MONTH:
        with database.transaction() as connection:
            forgotten += connection.execute(delete(table).where(table.c.expiry_month < month)).rowcount
    with database.transaction() as connection:
        return forgotten + forget_until(connection, month)
