"""Open the account behind a provider's subject, or make it: the same person never gets two by a race."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from broker.accounts.account import Account
from broker.accounts.links import Link, LinkBrokenError, LinkKeys, create_link, find_link
from broker.accounts.slots import Owned, OwnedKind, own_first_row

KEPT_MONTHS = 36
"""How long the rows of a person who stays away are kept; each carries its own month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedAccount:
    """An account, and whether it was made just now."""

    account: Account
    link: Link


def open_account(
    connection: Connection, keys: LinkKeys, provider: str, subject: str, now: datetime, *, may_be_new: bool
) -> OpenedAccount | None:
    """Open or make the account; None for a newcomer where none is taken; raises `LinkBrokenError`."""
    link = find_link(connection, keys, provider, subject)
    if link is None:
        if not may_be_new:
            return None
        link = _make(connection, keys, provider, subject, now)
    return OpenedAccount(account=link.account, link=link)


def expiry_month(now: datetime) -> int:
    """The month (yyyymm) after which rows written or kept now may be deleted."""
    months = now.year * 12 + now.month - 1 + KEPT_MONTHS
    return months // 12 * 100 + months % 12 + 1


def _make(connection: Connection, keys: LinkKeys, provider: str, subject: str, now: datetime) -> Link:
    account = Account.new()
    month = expiry_month(now)
    link = create_link(connection, keys, provider, subject, account, expiry_month=month)
    if link is None:  # another request made it first: that one is the account
        found = find_link(connection, keys, provider, subject)
        if found is None:
            message = "a link is taken and cannot be found"
            raise LinkBrokenError(message)
        return found
    own_first_row(
        connection, account, Owned(kind=OwnedKind.LINK, row=link.row, name=provider), expiry_month=month
    )
    return link
