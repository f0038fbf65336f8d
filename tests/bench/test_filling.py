"""Filled hubs: rows like real ones, in the numbers asked for, made once."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select

from audit.tables import journal
from audit.tables import metadata as audit_metadata
from bench.copies import Pattern
from bench.engines import DATABASE_URL, find_engine
from bench.errors import BenchError
from bench.filling import Load, filled_home
from bench.processors import Cores, share_cores
from bench.servers import with_driver
from broker.database import Database
from broker.tables import provider_links
from consent.tables import consent_events, consent_heads

LOAD = Load(accounts=300, entries=1000)
ENTRY_ID, SALT = bytes(range(16)), bytes(16)
ENTRY = (
    b'{"at":"2026-01-01T00:00:00.000Z","fields":{"journey":"ABCD"},'
    b'"id":"%b","kind":"journey.started","salt":"%b","v":1}'
) % (ENTRY_ID.hex().encode(), SALT.hex().encode())


@pytest.fixture
def cores() -> Cores:
    return share_cores(workers=1)


@pytest.fixture
def cache() -> Iterator[Path]:
    """A directory that a server's own user can get to; pytest's own are closed."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o711)
        yield Path(directory) / "cache"


def entries() -> Pattern:
    return Pattern(table=journal, columns=("entry_id", "body"), samples=((ENTRY_ID, ENTRY),))


def consents(table_is_heads: bool) -> Pattern:  # noqa: FBT001
    if table_is_heads:
        columns: tuple[str, ...] = ("consent_id", "state", "sealed")
        return Pattern(table=consent_heads, columns=columns, samples=((b"c" * 32, "standing", b"s" * 700),))
    columns = ("consent_id", "sequence", "sealed")
    return Pattern(table=consent_events, columns=columns, samples=((b"c" * 32, 1, b"e" * 650),))


def test_a_table_is_read_without_the_column_that_counts_up_by_itself() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        audit_metadata.create_all(connection)
        connection.execute(journal.insert(), {"entry_id": ENTRY_ID, "body": ENTRY})
        assert Pattern.of(connection, journal) == entries()
    engine.dispose()


def test_copies_are_as_many_as_asked_for_sorted_in_each_pass_and_never_twice_the_same() -> None:
    passes = [[row[0] for row in rows] for rows in entries().passes(1000)]
    assert all(keys == sorted(keys) for keys in passes)
    assert len(set(chain.from_iterable(passes))) == 1000


def test_a_copied_entry_says_its_own_id_and_has_a_salt_of_its_own() -> None:
    rows = list(chain.from_iterable(entries().passes(10)))
    bodies = [json.loads(body) for _, body in rows]
    assert [body["id"] for body in bodies] == [entry_id.hex() for entry_id, _ in rows]
    assert len({body["salt"] for body in bodies}) == 10
    assert {(len(body), json.loads(body)["kind"]) for _, body in rows} == {(len(ENTRY), "journey.started")}


def test_what_was_sealed_becomes_chance_of_the_same_length() -> None:
    sealed = [row[-1] for rows in consents(table_is_heads=True).passes(10) for row in rows]
    assert {len(each) for each in sealed} == {700}
    assert len(set(sealed)) == 10


def test_a_consent_and_its_events_have_one_id() -> None:
    heads, events = (
        [row[0] for rows in consents(heads).passes(30) for row in rows] for heads in (True, False)
    )
    assert heads == events


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kept_in", ["sqlite", "postgres"])
def test_a_filled_hub_has_the_rows_asked_for_and_is_kept(kept_in: str, cache: Path, cores: Cores) -> None:
    home = filled_home(cache, kept_in, LOAD, cores)

    assert filled_home(cache, kept_in, LOAD, cores) == home
    with find_engine(kept_in)(home, cores) as settings:
        database = Database(with_driver(settings[DATABASE_URL]))
        with database.reading() as connection:
            counts = {
                table: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (provider_links, consent_heads, journal)
            }
        database.close()
    assert counts[provider_links] >= LOAD.accounts
    assert counts[consent_heads] >= LOAD.accounts
    assert counts[journal] >= LOAD.entries


def test_a_disk_that_is_too_small_is_said_before_anything_is_filled(cache: Path, cores: Cores) -> None:
    with pytest.raises(BenchError, match="GiB free"):
        filled_home(cache, "sqlite", Load(accounts=10**12, entries=1), cores)
    assert list(cache.iterdir()) == []
