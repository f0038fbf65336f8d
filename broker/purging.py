"""Forgets what has run out: envelopes, marks and tombstones by the hour, people who stay away by the month.

Invariant: nothing is deleted that could still be asked for; every row says itself when that is.
"""

from __future__ import annotations

import logging
import random
import threading
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from broker.clock import Clock
from broker.database import Database
from broker.tables import account_slots, envelopes, grants, provider_links, single_use_marks
from consent.records import forget_until

EVERY_SECONDS = 600.0

_HOUR = 3600
_log = logging.getLogger(__name__)
_BY_THE_HOUR = (envelopes, grants, single_use_marks)
_BY_THE_MONTH = (provider_links, account_slots)


def purge(database: Database, now: datetime) -> int:
    """Delete every row whose time has passed; gives how many. One short transaction for each table."""
    hour = int(now.timestamp()) // _HOUR
    month = now.year * 100 + now.month
    forgotten = 0
    for table in _BY_THE_HOUR:
        with database.transaction(unhurried=True) as connection:
            forgotten += connection.execute(delete(table).where(table.c.purge_after < hour)).rowcount
    for table in _BY_THE_MONTH:
        with database.transaction(unhurried=True) as connection:
            forgotten += connection.execute(delete(table).where(table.c.expiry_month < month)).rowcount
    with database.transaction(unhurried=True) as connection:
        return forgotten + forget_until(connection, month)


def purge_in_the_background(database: Database, clock: Clock) -> threading.Thread:
    """Purge every ten minutes for as long as this process lives; workers spread themselves over the time."""

    def run() -> None:
        pause = threading.Event()
        while not pause.wait(EVERY_SECONDS * random.uniform(0.5, 1.5)):  # noqa: S311  # a time, not a secret
            try:
                forgotten = purge(database, clock())
            except SQLAlchemyError:
                _log.warning("purging failed and will be tried again", exc_info=True)
            else:
                _log.info("purged %d rows", forgotten)

    thread = threading.Thread(target=run, name="purging", daemon=True)
    thread.start()
    return thread
