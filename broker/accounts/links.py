"""Links from a provider's subject to an account; rows that a thief can neither read nor follow.

Invariant: a row names no provider, no person and no account; finding it needs the key store and the subject,
opening it as well. Nothing is overwritten or merged: a subject has one account until that link is deleted.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, bindparam, select, update

from broker.accounts.account import Account
from broker.insertion import InsertUnlessTaken
from broker.tables import provider_links

_ROW_BYTES = 16
_NONCE_BYTES = 12
_SELECT = select(
    provider_links.c.row, provider_links.c.seal_kid, provider_links.c.sealed, provider_links.c.expiry_month
).where(provider_links.c.link == bindparam("at_link"))
_INSERT = InsertUnlessTaken.into(provider_links)
_MOVE_EXPIRY = (
    update(provider_links)
    .where(provider_links.c.row == bindparam("at_row"))
    .values(expiry_month=bindparam("month"))
)


class LinkBrokenError(Exception):
    """A link row does not open: altered, or its sealing key is gone."""


@dataclass(frozen=True, slots=True)
class LinkKey:
    """One of the keys that find (k1) or seal (k2) links, with its kid."""

    kid: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkKeys:
    """The keys of links: the first of `index` writes, all of them find; `seal_active` writes, `seal` opens."""

    index: tuple[LinkKey, ...]
    seal_active: LinkKey
    seal: Mapping[str, LinkKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that was found or made; `row` is its random id, which survives rewriting."""

    account: Account
    row: bytes
    expiry_month: int
    new: bool


def find_link(connection: Connection, keys: LinkKeys, provider: str, subject: str) -> Link | None:
    """The account behind a provider's subject, or None; raises `LinkBrokenError`."""
    for index_key in keys.index:
        found = connection.execute(_SELECT, {"at_link": _name(index_key, provider, subject)}).one_or_none()
        if found is not None:
            account = Account(_open(keys, found.seal_kid, found.sealed, found.row, provider, subject))
            return Link(account=account, row=found.row, expiry_month=found.expiry_month, new=False)
    return None


def create_link(
    connection: Connection,
    keys: LinkKeys,
    provider: str,
    subject: str,
    account: Account,
    *,
    expiry_month: int,
) -> Link | None:
    """Link a subject that has no account yet; None when somebody just did, and then nothing has changed."""
    row = secrets.token_bytes(_ROW_BYTES)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    seal_key = AESGCM(_person_key(keys.seal_active, provider, subject))
    made = _INSERT(
        connection,
        {
            "link": _name(keys.index[0], provider, subject),
            "row": row,
            "index_kid": keys.index[0].kid,
            "seal_kid": keys.seal_active.kid,
            "sealed": nonce + seal_key.encrypt(nonce, account.secret, row),
            "expiry_month": expiry_month,
        },
    )
    return Link(account=account, row=row, expiry_month=expiry_month, new=True) if made else None


def move_link_expiry(connection: Connection, row: bytes, *, expiry_month: int) -> None:
    """Keep a link for longer, because its owner came back."""
    connection.execute(_MOVE_EXPIRY, {"at_row": row, "month": expiry_month})


def _name(key: LinkKey, provider: str, subject: str) -> bytes:
    return hmac.digest(key.key, _person(provider, subject), hashlib.sha256)


def _person_key(key: LinkKey, provider: str, subject: str) -> bytes:
    return hmac.digest(key.key, b"seal|" + _person(provider, subject), hashlib.sha256)


def _person(provider: str, subject: str) -> bytes:
    return f"{len(provider)}|{provider}|{subject}".encode()


def _open(keys: LinkKeys, kid: str, sealed: bytes, row: bytes, provider: str, subject: str) -> bytes:
    key = keys.seal.get(kid)
    if key is None:
        message = f"the sealing key {kid} is not in the key store"
        raise LinkBrokenError(message)
    try:
        return AESGCM(_person_key(key, provider, subject)).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], row
        )
    except InvalidTag as error:
        message = "a link row does not open"
        raise LinkBrokenError(message) from error
