"""Slots: how an account finds every row it owns, so that unlink, export and delete miss nothing.

Invariant: slots are only ever inserted; each names one row by a random or opaque id. Two sign-ins at once take
different slots: the loser of a number takes the next.
"""

from __future__ import annotations

import itertools
import json
import secrets
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, bindparam, select

from broker.accounts.account import Account
from broker.insertion import InsertUnlessTaken
from broker.tables import account_slots

_NONCE_BYTES = 12
_BATCH = 16
_SELECT = select(account_slots.c.slot, account_slots.c.sealed).where(
    account_slots.c.slot.in_(bindparam("names", expanding=True))
)
_TAKEN = select(account_slots.c.slot).where(account_slots.c.slot.in_(bindparam("names", expanding=True)))
_INSERT = InsertUnlessTaken.into(account_slots)


class OwnedKind(StrEnum):
    """What kind of row a slot names."""

    LINK = "link"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """One row that an account owns."""

    kind: OwnedKind
    row: bytes
    name: str


def owned_rows(connection: Connection, account: Account) -> tuple[Owned, ...]:
    """Every row the account owns, in the order in which it came to own them."""
    rows: list[Owned] = []
    box = AESGCM(account.slot_secret())
    while True:
        names = [account.slot(number) for number in range(len(rows), len(rows) + _BATCH)]
        found = {row.slot: row.sealed for row in connection.execute(_SELECT, {"names": names})}
        for name in names:
            if name not in found:
                return tuple(rows)
            rows.append(_opened(box, name, found[name]))


def own_first_row(connection: Connection, account: Account, owned: Owned, *, expiry_month: int) -> None:
    """Take the first slot of an account that was made just now: nobody else can know of it yet."""
    _take_from(connection, account, owned, first=0, expiry_month=expiry_month)


def add_owned_row(connection: Connection, account: Account, owned: Owned, *, expiry_month: int) -> None:
    """Take the first free slot for a row."""
    _take_from(connection, account, owned, first=_count(connection, account), expiry_month=expiry_month)


def _count(connection: Connection, account: Account) -> int:
    """How many slots are taken; they are taken in order, so the first gap ends the count."""
    first = 0
    while True:
        names = [account.slot(number) for number in range(first, first + _BATCH)]
        taken = set(connection.execute(_TAKEN, {"names": names}).scalars())
        free = next((number for number, name in enumerate(names, first) if name not in taken), None)
        if free is not None:
            return free
        first += _BATCH


def _take_from(
    connection: Connection, account: Account, owned: Owned, *, first: int, expiry_month: int
) -> None:
    box = AESGCM(account.slot_secret())
    body = json.dumps([owned.kind, owned.row.hex(), owned.name], separators=(",", ":")).encode()
    for number in itertools.count(first):
        name = account.slot(number)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        row = {"slot": name, "sealed": nonce + box.encrypt(nonce, body, name), "expiry_month": expiry_month}
        if _INSERT(connection, row):  # else somebody else took it: a slot is never overwritten
            return


def _opened(box: AESGCM, name: bytes, sealed: bytes) -> Owned:
    kind, row, label = json.loads(box.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name))
    return Owned(kind=OwnedKind(kind), row=bytes.fromhex(row), name=label)
