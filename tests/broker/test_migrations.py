"""One line of migrations leads to exactly the tables that the packages declare, whoever upgrades and when."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

import broker.schema
from broker.database import Database
from broker.schema import (
    CURRENT_REVISION,
    METADATA,
    UnknownRevisionError,
    schema_is_current,
    stored_revision,
    upgrade,
)
from tests.engines.engine import Engine, EngineName
from tests.engines.postgres import PostgresCluster, with_driver

_VERSION_TABLE = "alembic_version"
_MIGRATIONS = Path(broker.schema.__file__).parent / "migrations"


@pytest.fixture
def database(empty_address: str) -> Iterator[Database]:
    opened = Database(empty_address)
    yield opened
    opened.close()


def _words(file: Path) -> set[tuple[str, str, str]]:
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    connection.close()
    return {(kind, name, " ".join((sql or "").split())) for kind, name, sql in rows}


def _described(database: Database) -> set[tuple[str, str, str]]:
    """Every column, key and index, in a form that can be compared."""
    with database.reading() as connection:
        looked_at = inspect(connection)
        tables = looked_at.get_table_names()
        described = {
            (table, kind, repr(entry))
            for table in tables
            for kind, entries in (
                (
                    "column",
                    [{**column, "type": str(column["type"])} for column in looked_at.get_columns(table)],
                ),
                ("index", looked_at.get_indexes(table)),
                ("unique", looked_at.get_unique_constraints(table)),
                ("key", [looked_at.get_pk_constraint(table)]),
            )
            for entry in entries
        }
        if _VERSION_TABLE in tables:
            revisions = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalars()  # noqa: S608
            described |= {(_VERSION_TABLE, "row", revision) for revision in revisions}
    return described


def _history() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return ScriptDirectory.from_config(config)


def test_the_migrations_lead_to_the_declared_tables(database: Database) -> None:
    upgrade(database)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        # Alembic takes several, though its annotation names one.
        assert compare_metadata(context, METADATA) == []  # type: ignore[arg-type]


def test_on_sqlite_the_migrated_tables_are_declared_word_for_word_alike(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hub.db'}")
    upgrade(database)
    database.close()
    declared = Database(f"sqlite:///{tmp_path / 'declared.db'}")
    with declared.transaction() as connection:
        for metadata in METADATA:
            metadata.create_all(connection)
    declared.close()
    version_table = {row for row in _words(tmp_path / "hub.db") if _VERSION_TABLE in row[1]}
    assert _words(tmp_path / "hub.db") - version_table == _words(tmp_path / "declared.db")


def test_the_migrated_tables_are_declared_alike_to_their_last_key(
    database: Database, engine: Engine, postgres: PostgresCluster, tmp_path: Path
) -> None:
    on_postgres = engine.name is not EngineName.SQLITE
    address = with_driver(postgres.empty_database()) if on_postgres else f"sqlite:///{tmp_path}/declared.db"
    declared = Database(address)
    with declared.transaction() as connection:
        for metadata in METADATA:
            metadata.create_all(connection)
    upgrade(database)

    assert {row for row in _described(database) if row[0] != _VERSION_TABLE} == _described(declared)
    declared.close()


def test_the_migrations_form_one_line_from_the_first_to_the_current_one() -> None:
    history = _history()
    assert history.get_bases() == ["0001"]
    assert history.get_heads() == [CURRENT_REVISION]
    revisions = list(history.walk_revisions())
    assert [revision.revision for revision in revisions[::-1]] == [
        f"{number:04}" for number in range(1, len(revisions) + 1)
    ]
    assert not any(revision.is_merge_point or revision.branch_labels for revision in revisions)


def test_no_two_migration_files_share_a_number() -> None:
    numbers = [file.name.partition("_")[0] for file in (_MIGRATIONS / "versions").glob("*.py")]
    assert len(numbers) == len(set(numbers)) == len(list(_history().walk_revisions()))


def test_a_new_database_is_not_current_until_it_is_upgraded(database: Database) -> None:
    assert not schema_is_current(database)
    assert stored_revision(database) is None
    assert upgrade(database)
    assert schema_is_current(database)
    assert stored_revision(database) == CURRENT_REVISION


def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    done: list[str] = []
    assert upgrade(database, then=lambda _: done.append("first"))
    before = _described(database)
    assert not upgrade(database, then=lambda _: done.append("second"))
    assert _described(database) == before
    assert done == ["first"]


def test_an_upgrade_that_fails_at_the_end_leaves_nothing_behind(database: Database) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("the power went out")

    with pytest.raises(RuntimeError, match="the power went out"):
        upgrade(database, then=fail)
    assert _described(database) == set()
    assert not schema_is_current(database)


def test_a_database_of_a_newer_version_is_left_alone(database: Database) -> None:
    upgrade(database)
    with database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = _described(database)
    assert not schema_is_current(database)
    with pytest.raises(UnknownRevisionError) as refused:
        upgrade(database)
    assert "9999" in refused.value.detail
    assert _described(database) == before


def test_processes_that_upgrade_at_once_do_the_work_once(empty_address: str) -> None:
    processes = multiprocessing.get_context("spawn")
    done = processes.SimpleQueue()
    start = processes.Barrier(4)
    started = [
        processes.Process(target=_upgrade_in_step, args=(empty_address, start.wait, done.put))
        for _ in range(4)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    assert [process.exitcode for process in started] == [0, 0, 0, 0]
    assert sorted(done.get() for _ in started) == [False, False, False, True]
    database = Database(empty_address)
    assert schema_is_current(database)
    database.close()


def _upgrade_in_step(url: str, wait: Callable[[], int], report: Callable[[bool], None]) -> None:
    database = Database(url)
    wait()
    report(upgrade(database))
    database.close()
