"""A migration leaves what the version before it reads and writes (`broker.migrations`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from broker.database import Database
from broker.schema import CURRENT_REVISION, stored_revision, upgrade
from tests.engines.engine import Engine, EngineName
from tests.engines.postgres import PostgresCluster, with_driver
from tests.upgrades import landed

NewPlace = Callable[[], str]


@pytest.fixture
def new_place(engine: Engine, request: pytest.FixtureRequest, tmp_path: Path) -> NewPlace:
    """Gives addresses of databases without any table, on each engine in turn."""
    if engine.name is EngineName.POSTGRES:
        cluster: PostgresCluster = request.getfixturevalue("postgres")
        return cluster.empty_database
    numbers: Iterator[int] = iter(range(10))
    return lambda: f"sqlite:///{tmp_path / f'{next(numbers)}.db'}"


def _upgraded(address: str) -> str | None:
    database = Database(with_driver(address))
    upgrade(database)
    revision = stored_revision(database)
    database.close()
    return revision


def faults(before: Database, after: Database) -> list[str]:
    """What a version that was written for `before` would stumble over in `after`."""
    with before.reading() as old, after.reading() as new:
        was, now = inspect(old), inspect(new)
        found = []
        for table in was.get_table_names():
            if not now.has_table(table):
                found.append(f"{table}: dropped")
                continue
            found += [f"{table}: {fault}" for fault in _columns(table, was, now)]
            found += [
                f"{table}: {what} differs"
                for what in ("pk_constraint", "foreign_keys", "check_constraints")
                if repr(getattr(was, f"get_{what}")(table)) != repr(getattr(now, f"get_{what}")(table))
            ]
            if not _unique(now, table) <= _unique(was, table):
                found.append(f"{table}: something must now be unique")
        return found


def _columns(table: str, was: Any, now: Any) -> list[str]:  # noqa: ANN401 - SQLAlchemy's inspector has no exported type
    old = {column["name"]: column for column in was.get_columns(table)}
    new = {column["name"]: column for column in now.get_columns(table)}
    found = [
        f"{name}: dropped" for name in old.keys() - new.keys() if (table, name) not in landed.NO_LONGER_USED
    ]
    for name in old.keys() & new.keys():
        if str(old[name]["type"]) != str(new[name]["type"]):
            found.append(f"{name}: another type")
        if old[name]["nullable"] and not new[name]["nullable"]:
            found.append(f"{name}: may not be NULL any more")
    return found + [
        f"{name}: added without a default"
        for name in new.keys() - old.keys()
        if not new[name]["nullable"] and new[name]["default"] is None
    ]


def _unique(looked_at: Any, table: str) -> set[tuple[str, ...]]:  # noqa: ANN401 - as above
    constraints = looked_at.get_unique_constraints(table)
    indexes = [index for index in looked_at.get_indexes(table) if index["unique"]]
    return {tuple(each["column_names"]) for each in (*constraints, *indexes)}


def _compared(first: str, second: str) -> list[str]:
    before, after = Database(with_driver(first)), Database(with_driver(second))
    try:
        return faults(before, after)
    finally:
        before.close()
        after.close()


def test_the_current_schema_is_recorded_as_the_migrations_make_it(new_place: NewPlace) -> None:
    recorded = new_place()
    landed.make(CURRENT_REVISION, recorded)
    # Both as this machine's server describes them: its words differ from version to version.
    assert landed.described(recorded) == landed.described(_current(new_place))


def test_every_landed_schema_can_be_upgraded_to_the_current_one(new_place: NewPlace) -> None:
    for revision in landed.revisions():
        address = new_place()
        landed.make(revision, address)
        assert _upgraded(address) == CURRENT_REVISION
        assert not _compared(address, _current(new_place))


def _current(new_place: NewPlace) -> str:
    address = new_place()
    _upgraded(address)
    return address


def test_the_current_schema_leaves_what_the_last_landed_version_works_with(new_place: NewPlace) -> None:
    before = new_place()
    landed.make(landed.last_landed(), before)
    assert _compared(before, _current(new_place)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DROP TABLE single_use_marks", "single_use_marks: dropped"),
        ("ALTER TABLE grants DROP COLUMN revoked", "grants: revoked: dropped"),
        ("ALTER TABLE grants RENAME COLUMN revoked TO withdrawn", "grants: revoked: dropped"),
        ("CREATE UNIQUE INDEX once ON grants (revoked)", "grants: something must now be unique"),
    ],
)
def test_what_the_old_version_would_stumble_over_is_found(
    new_place: NewPlace, change: str, told: str
) -> None:
    before, after = _current(new_place), _current(new_place)
    database = Database(with_driver(after))
    with database.transaction() as connection:
        connection.execute(text(change))
    database.close()

    assert told in _compared(before, after)


def test_what_the_old_version_does_not_notice_is_allowed(new_place: NewPlace) -> None:
    before, after = _current(new_place), _current(new_place)
    database = Database(with_driver(after))
    with database.transaction() as connection:
        for change in (
            "CREATE TABLE news (id INTEGER PRIMARY KEY)",
            "ALTER TABLE grants ADD COLUMN note TEXT",
            "ALTER TABLE grants ADD COLUMN kind TEXT NOT NULL DEFAULT 'usual'",
            "CREATE INDEX faster ON grants (revoked)",
        ):
            connection.execute(text(change))
    database.close()

    assert _compared(before, after) == []
