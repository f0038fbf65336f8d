"""The journal is written in the caller's transaction, by `append` alone, and holds nothing else in clear."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import rfc8785
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from audit import journal
from audit.errors import UnknownKindError, UnsuitableTokenError
from audit.tables import journal as journal_table
from audit.tables import metadata
from broker.database import Database
from tests.audit.sample_events import Step, Undeclared

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class LostPowerError(Exception):
    """Raised between an append and the commit."""


def append_and_lose_power(database: Database) -> None:
    with database.transaction() as connection:
        journal.append(connection, Step(journey="lost"), at=NOW)
        raise LostPowerError


def test_an_entry_is_stored_as_its_canonical_bytes_under_its_id(database: Database) -> None:
    with database.transaction() as connection:
        entry_id = journal.append(connection, Step(journey="1234-ABCD-5678"), at=NOW)

    with database.reading() as connection:
        (row,) = journal.read(connection)
    entry = json.loads(row.body)
    assert row.entry_id == entry_id == entry["id"]
    assert entry["fields"] == {"journey": "1234-ABCD-5678"}
    assert rfc8785.dumps(entry) == row.body


def test_an_entry_exists_only_if_its_transaction_commits(database: Database) -> None:
    with pytest.raises(LostPowerError):
        append_and_lose_power(database)
    with database.transaction() as connection:
        journal.append(connection, Step(journey="kept"), at=NOW)

    with database.reading() as connection:
        assert [json.loads(row.body)["fields"]["journey"] for row in journal.read(connection)] == ["kept"]


def test_two_entries_of_the_same_event_share_neither_id_nor_salt(database: Database) -> None:
    with database.transaction() as connection:
        first, second = journal.append_all(connection, [Step(journey="a"), Step(journey="a")], at=NOW)

    with database.reading() as connection:
        entries = [json.loads(row.body) for row in journal.read(connection)]
    assert first != second
    assert entries[0]["salt"] != entries[1]["salt"]


def test_several_events_keep_their_order(database: Database) -> None:
    steps = [Step(journey=f"j{number}") for number in range(5)]
    with database.transaction() as connection:
        ids = journal.append_all(connection, steps, at=NOW)

    with database.reading() as connection:
        rows = journal.read(connection)
    assert tuple(row.entry_id for row in rows) == ids
    assert [json.loads(row.body)["fields"]["journey"] for row in rows] == ["j0", "j1", "j2", "j3", "j4"]


def test_appending_no_event_writes_nothing(database: Database) -> None:
    with database.transaction() as connection:
        assert journal.append_all(connection, [], at=NOW) == ()
        assert journal.read(connection) == ()


def test_one_refused_event_writes_none_of_those_beside_it(database: Database) -> None:
    with database.transaction() as connection:
        with pytest.raises(UnknownKindError):
            journal.append_all(connection, [Step(journey="a"), Undeclared(journey="a")], at=NOW)
        with pytest.raises(UnsuitableTokenError):
            journal.append(connection, Step(journey="two words"), at=NOW)
        assert journal.read(connection) == ()


def test_entries_are_read_in_pages(database: Database) -> None:
    with database.transaction() as connection:
        ids = journal.append_all(connection, [Step(journey="a") for _ in range(5)], at=NOW)
        first = journal.read(connection, limit=3)
        second = journal.read(connection, after_position=first[-1].position, limit=3)
    assert tuple(row.entry_id for row in (*first, *second)) == ids


def test_an_entry_id_is_stored_once(database: Database) -> None:
    row = {"entry_id": bytes(16), "body": b"{}"}
    with pytest.raises(IntegrityError), database.transaction() as connection:
        connection.execute(insert(journal_table), [row, row])


def test_the_journal_has_no_other_column() -> None:
    assert set(metadata.tables) == {"journal"}
    assert journal_table.columns.keys() == ["position", "entry_id", "body"]
