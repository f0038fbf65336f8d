"""Connections and transactions: locks that hold, waits that end, and nothing left open behind anybody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from audit.journal import append, read
from broker.database import Database
from broker.engines import WAIT_MILLISECONDS
from consent.records import find, release_state
from tests.audit.sample_events import Step
from tests.consent.builders import BOX, CONSENT_ID, NAME, NOW, agree, terms
from tests.engines.postgres import PostgresCluster, postgres_cluster, with_driver

_WAITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
_SESSIONS = text(
    "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def on_postgres(postgres: PostgresCluster) -> Iterator[Database]:
    database = Database(with_driver(postgres.new_database()))
    yield database
    database.close()


def shown(connection: Connection) -> list[str]:
    return [str(connection.execute(text(f"SHOW {name}")).scalar_one()) for name in _WAITS]


@contextmanager
def held_elsewhere(database: Database, *, seconds: float) -> Iterator[threading.Event]:
    """Another thread holds the consent for some time, or until the event; then it writes an entry."""
    held, enough = threading.Event(), threading.Event()

    def release() -> None:
        with database.transaction() as connection:
            release_state(connection, CONSENT_ID)
            held.set()
            enough.wait(seconds)
            append(connection, Step(journey="first"), at=NOW)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(release)
        assert held.wait(5)
        yield enough
        done.result()


@pytest.mark.parametrize("decides", [True, False])
def test_whoever_decides_about_a_consent_waits_for_a_release_of_it(database: Database, decides: bool) -> None:  # noqa: FBT001
    with database.transaction() as connection:
        agree(connection, None, terms(NAME), ("name",))
        before = len(read(connection))

    with held_elsewhere(database, seconds=0.3), database.transaction() as connection:
        if decides:
            find(connection, CONSENT_ID, BOX, for_update=True)
        else:
            release_state(connection, CONSENT_ID)
        assert len(read(connection)) == before + 1, "the release was over when this went on"


def test_who_only_looks_waits_for_nobody(database: Database) -> None:
    with database.transaction() as connection:
        agree(connection, None, terms(NAME), ("name",))
        before = len(read(connection))

    with held_elsewhere(database, seconds=10) as enough, database.reading() as connection:
        assert find(connection, CONSENT_ID, BOX) is not None
        assert len(read(connection)) == before
        enough.set()


def test_a_transaction_begins_with_its_first_statement_or_never(database: Database) -> None:
    with database.pending_transaction() as untouched, database.transaction() as connection:
        append(connection, Step(journey="nobody-waited"), at=NOW)
        assert untouched is not None

    with database.pending_transaction() as pending:
        append(pending.connection, Step(journey="kept"), at=NOW)
        assert pending.connection is pending.connection
    with pytest.raises(ZeroDivisionError), database.pending_transaction() as pending:
        append(pending.connection, Step(journey=f"{1 // 0}"), at=NOW)

    with database.reading() as connection:
        assert len(read(connection)) == 2


def test_a_postgresql_session_waits_for_nothing_without_end(on_postgres: Database) -> None:
    with on_postgres.reading() as reader, on_postgres.transaction() as writer:
        for connection in (reader, writer):
            assert shown(connection) == ["10s", "5s", "30s"]
    assert WAIT_MILLISECONDS == 10_000


def test_only_maintenance_takes_its_time_and_only_for_one_transaction(on_postgres: Database) -> None:
    with on_postgres.transaction(unhurried=True) as connection:
        assert shown(connection)[:2] == ["0", "0"]

    with on_postgres.transaction() as connection:
        assert shown(connection)[:2] == ["10s", "5s"]


def test_an_operators_own_limits_in_the_address_count_instead(postgres: PostgresCluster) -> None:
    database = Database(f"{with_driver(postgres.new_database())}?options=-c%20statement_timeout%3D150")
    with (
        pytest.raises(OperationalError, match="statement timeout"),
        database.transaction() as connection,
    ):
        connection.execute(text("SELECT pg_sleep(5)"))
    database.close()


def test_nothing_is_left_open_in_a_transaction(on_postgres: Database) -> None:
    with on_postgres.transaction() as connection:
        append(connection, Step(journey="kept"), at=NOW)
    with pytest.raises(SQLAlchemyError), on_postgres.transaction() as connection:
        connection.execute(text("SELECT nonsense"))
    with pytest.raises(SQLAlchemyError), on_postgres.reading() as connection:
        connection.execute(text("SELECT nonsense"))

    with on_postgres.reading() as looking:
        read(looking)
        with on_postgres.reading() as beside:
            states = set(beside.execute(_SESSIONS).scalars())

    assert states == {"idle"}, "a reader between two statements holds nothing either"


def test_after_a_restart_of_the_server_only_those_notice_who_were_in_the_middle() -> None:
    with postgres_cluster() as own:
        database = Database(with_driver(own.new_database()))

        def works() -> bool:
            try:
                with database.transaction() as connection:
                    append(connection, Step(journey="a"), at=NOW)
                with database.reading() as connection:
                    read(connection)
            except SQLAlchemyError:
                return False
            return True

        with ThreadPoolExecutor(6) as pool:
            assert all(pool.map(lambda _: works(), range(30)))
        own.server.restart()

        results = [works() for _ in range(6)]

        assert results[2:] == [True] * 4, "each pool forgets all its connections at the first that failed"
        database.close()


def test_a_server_that_is_away_is_an_error_and_no_stack_of_the_drivers(postgres: PostgresCluster) -> None:
    database = Database(with_driver(postgres.address("no_such_database")))

    with pytest.raises(SQLAlchemyError), database.reading():
        pass
    database.close()
