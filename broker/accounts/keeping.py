"""Keeps an account for longer because its owner came back: row by row, only when the month has changed.

Invariant: every row that an account owns is found through its slots and moved with it, so that none runs out while
its owner keeps signing in. It runs outside the releasing transaction and may be repeated.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from broker.accounts.links import Link, move_link_expiry
from broker.accounts.opening import expiry_month
from broker.accounts.slots import OwnedKind, owned_rows
from broker.tables import account_slots
from consent.records import keep_until

_MOVE_SLOT = (
    update(account_slots)
    .where(account_slots.c.slot == bindparam("at_slot"))
    .values(expiry_month=bindparam("month"))
)


def is_due(link: Link, now: datetime) -> bool:
    """Whether the account's rows carry an older month than a sign-in now gives."""
    return link.expiry_month != expiry_month(now)


def keep_account(connection: Connection, link: Link, now: datetime) -> None:
    """Move everything that the account owns to the month that a sign-in now gives."""
    month = expiry_month(now)
    for number, owned in enumerate(owned_rows(connection, link.account)):
        connection.execute(_MOVE_SLOT, {"at_slot": link.account.slot(number), "month": month})
        if owned.kind is OwnedKind.LINK:
            move_link_expiry(connection, owned.row, expiry_month=month)
        else:
            keep_until(connection, owned.row, expiry_month=month)
    # Last, so that two sign-ins of one person meet at the first slot, whichever link each came by.
    move_link_expiry(connection, link.row, expiry_month=month)
