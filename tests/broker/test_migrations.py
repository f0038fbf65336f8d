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
from sqlalchemy import text

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

_MIGRATIONS = Path(broker.schema.__file__).parent / "migrations"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'hub.db'}")
    yield opened
    opened.close()


def _described(file: Path) -> set[tuple[str, str, str]]:
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    connection.close()
    return {(kind, name, " ".join((sql or "").split())) for kind, name, sql in rows}


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


def test_on_sqlite_the_migrated_tables_are_declared_word_for_word_alike(
    database: Database, tmp_path: Path
) -> None:
    upgrade(database)
    declared = Database(f"sqlite:///{tmp_path / 'declared.db'}")
    with declared.transaction() as connection:
        for metadata in METADATA:
            metadata.create_all(connection)
    declared.close()
    version_table = {row for row in _described(tmp_path / "hub.db") if "alembic_version" in row[1]}
    assert _described(tmp_path / "hub.db") - version_table == _described(tmp_path / "declared.db")


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


def test_a_second_upgrade_changes_nothing(database: Database, tmp_path: Path) -> None:
    done: list[str] = []
    assert upgrade(database, then=lambda _: done.append("first"))
    before = _described(tmp_path / "hub.db")
    assert not upgrade(database, then=lambda _: done.append("second"))
    assert _described(tmp_path / "hub.db") == before
    assert done == ["first"]


def test_an_upgrade_that_fails_at_the_end_leaves_nothing_behind(database: Database, tmp_path: Path) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("the power went out")

    with pytest.raises(RuntimeError, match="the power went out"):
        upgrade(database, then=fail)
    assert _described(tmp_path / "hub.db") == set()
    assert not schema_is_current(database)


def test_a_database_of_a_newer_version_is_left_alone(database: Database, tmp_path: Path) -> None:
    upgrade(database)
    with database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = _described(tmp_path / "hub.db")
    assert not schema_is_current(database)
    with pytest.raises(UnknownRevisionError) as refused:
        upgrade(database)
    assert "9999" in refused.value.detail
    assert _described(tmp_path / "hub.db") == before


def test_processes_that_upgrade_at_once_do_the_work_once(tmp_path: Path) -> None:
    processes = multiprocessing.get_context("spawn")
    done = processes.SimpleQueue()
    start = processes.Barrier(4)
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    started = [processes.Process(target=_upgrade_in_step, args=(url, start.wait, done.put)) for _ in range(4)]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    assert [process.exitcode for process in started] == [0, 0, 0, 0]
    assert sorted(done.get() for _ in started) == [False, False, False, True]
    database = Database(url)
    assert schema_is_current(database)
    database.close()


def _upgrade_in_step(url: str, wait: Callable[[], int], report: Callable[[bool], None]) -> None:
    database = Database(url)
    wait()
    report(upgrade(database))
    database.close()
