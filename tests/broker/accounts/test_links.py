"""Links: found and opened only with the key store and the provider's subject together, and never overwritten."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, select, update

from broker.accounts.account import Account
from broker.accounts.keeping import is_due, keep_account
from broker.accounts.links import LinkBrokenError, LinkKey, LinkKeys, create_link, find_link
from broker.accounts.opening import OpenedAccount, expiry_month, open_account
from broker.accounts.slots import Owned, OwnedKind, add_owned_row, owned_rows
from broker.database import Database
from broker.tables import account_slots, provider_links

NOW = datetime(2026, 5, 14, 9, 30, tzinfo=UTC)


def link_key() -> LinkKey:
    return LinkKey(secrets.token_hex(8), secrets.token_bytes(32))


def link_keys(*, index: tuple[LinkKey, ...] = (), seal: tuple[LinkKey, ...] = ()) -> LinkKeys:
    seals = seal or (link_key(),)
    return LinkKeys(index=index or (link_key(),), seal_active=seals[0], seal={key.kid: key for key in seals})


KEYS = link_keys()


def opened(connection: Connection, subject: str = "person", *, now: datetime = NOW) -> OpenedAccount:
    account = open_account(connection, KEYS, "northgate", subject, now, may_be_new=True)
    assert account is not None
    return account


def test_the_same_person_finds_the_same_account(connection: Connection) -> None:
    first, second = opened(connection), opened(connection)

    assert first.link.new
    assert not second.link.new
    assert first.account == second.account


def test_a_subject_belongs_to_its_provider(connection: Connection) -> None:
    here = opened(connection, "12|person")
    there = open_account(connection, KEYS, "harbour", "12|person", NOW, may_be_new=True)

    assert there is not None
    assert here.account != there.account
    # Lengths are part of the name, so no pair of texts reads as another pair.
    joined = open_account(connection, KEYS, "northgate|12", "person", NOW, may_be_new=True)
    assert joined is not None
    assert joined.account != here.account


def test_a_newcomer_gets_no_account_where_none_is_taken(connection: Connection) -> None:
    assert open_account(connection, KEYS, "northgate", "new", NOW, may_be_new=False) is None
    assert connection.execute(select(provider_links)).all() == []


def test_without_the_keys_a_link_is_neither_found_nor_opened(connection: Connection) -> None:
    opened(connection)
    other_seal = link_keys(index=KEYS.index)

    assert find_link(connection, link_keys(), "northgate", "person") is None
    with pytest.raises(LinkBrokenError):
        find_link(connection, other_seal, "northgate", "person")


def test_old_keys_still_find_and_open_what_they_wrote(connection: Connection) -> None:
    before = opened(connection)
    rotated = link_keys(index=(link_key(), *KEYS.index), seal=(link_key(), KEYS.seal_active))

    found = find_link(connection, rotated, "northgate", "person")

    assert found is not None
    assert found.account == before.account


def test_a_link_that_was_moved_to_another_person_does_not_open(connection: Connection) -> None:
    mine, theirs = opened(connection, "mine"), opened(connection, "theirs")
    sealed = connection.execute(
        select(provider_links.c.sealed).where(provider_links.c.row == theirs.link.row)
    ).scalar_one()
    connection.execute(
        update(provider_links).where(provider_links.c.row == mine.link.row).values(sealed=sealed)
    )

    with pytest.raises(LinkBrokenError):
        find_link(connection, KEYS, "northgate", "mine")


def test_a_link_is_never_overwritten(connection: Connection) -> None:
    before = opened(connection)

    again = create_link(
        connection, KEYS, "northgate", "person", Account.new(), expiry_month=expiry_month(NOW)
    )

    assert again is None
    assert opened(connection).account == before.account


def test_a_row_names_nobody(connection: Connection) -> None:
    subject = "a-subject-that-would-be-seen"
    account = opened(connection, subject).account

    for table in (provider_links, account_slots):
        for row in connection.execute(select(table)):
            for value in row:
                raw = value if isinstance(value, bytes) else str(value).encode()
                assert subject.encode() not in raw
                assert b"northgate" not in raw
                assert account.secret not in raw


def test_people_who_come_at_the_same_moment_get_one_account_each(database: Database) -> None:
    def arrive(number: int) -> bytes:
        with database.transaction() as connection:
            return opened(connection, f"person-{number % 3}").account.secret

    with ThreadPoolExecutor(8) as pool:
        secrets_seen = set(pool.map(arrive, range(24)))

    assert len(secrets_seen) == 3


def test_an_account_finds_every_row_it_owns_in_order(connection: Connection) -> None:
    person = opened(connection)
    rows = [
        Owned(kind=OwnedKind.CONSENT, row=secrets.token_bytes(16), name=f"service-{number}")
        for number in range(40)
    ]
    for row in rows:
        add_owned_row(connection, person.account, row, expiry_month=202905)

    link = Owned(kind=OwnedKind.LINK, row=person.link.row, name="northgate")
    assert owned_rows(connection, person.account) == (link, *rows)
    assert owned_rows(connection, Account.new()) == ()


def test_concurrent_rows_take_slots_of_their_own(database: Database) -> None:
    account = Account.new()

    def own(number: int) -> None:
        with database.transaction() as connection:
            row = Owned(kind=OwnedKind.CONSENT, row=number.to_bytes(16), name=f"service-{number}")
            add_owned_row(connection, account, row, expiry_month=202905)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(own, range(30)))

    with database.reading() as connection:
        names = {owned.name for owned in owned_rows(connection, account)}
    assert names == {f"service-{number}" for number in range(30)}


@pytest.mark.parametrize(
    ("year", "month", "until"), [(2026, 1, 202901), (2026, 5, 202905), (2026, 12, 202912), (2027, 12, 203012)]
)
def test_rows_are_kept_for_three_years_after_the_last_visit(year: int, month: int, until: int) -> None:
    assert expiry_month(datetime(year, month, 28, tzinfo=UTC)) == until


def test_coming_back_in_another_month_keeps_everything_longer(connection: Connection) -> None:
    person = opened(connection)
    later = NOW.replace(month=7)
    assert not is_due(person.link, NOW)
    assert is_due(person.link, later)

    keep_account(connection, person.link, later)

    months = [
        connection.execute(select(table.c.expiry_month)).scalars().all()
        for table in (provider_links, account_slots)
    ]
    assert months == [[202907], [202907]]
    again = opened(connection, now=later)
    assert not is_due(again.link, later)
