"""The fixtures of engines, and `--engine`, which chooses what the journeys run on: all, unless it is given.

A server is started when the first test of a process asks for it, and serves all of that process's tests.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from broker.database import Database
from broker.schema import METADATA, upgrade
from tests.engines.engine import USUAL, Engine, EngineName
from tests.engines.postgres import PostgresCluster, postgres_cluster, with_driver
from tests.engines.redis_server import RedisServer, redis_server

_OPTION = "--engine"
_DATABASE_URL = "COUNTERSIGN_DATABASE_URL"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        _OPTION,
        action="append",
        choices=[name.value for name in EngineName],
        help="run journeys on this engine only; postgres brings Redis with it (may be repeated)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        chosen = metafunc.config.getoption(_OPTION) or [name.value for name in USUAL]
        metafunc.parametrize("engine", chosen, indirect=True, scope="session")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """A PostgreSQL cluster."""
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    """A Redis server."""
    with redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn: SQLite alone, and PostgreSQL with Redis (or without it, when that is asked for)."""
    name = EngineName(request.param)
    if name is EngineName.SQLITE:
        return Engine(name=name, new_home=dict)
    postgres: PostgresCluster = request.getfixturevalue("postgres")
    if name is EngineName.POSTGRES_ALONE:
        return Engine(name=name, new_home=lambda: {_DATABASE_URL: postgres.new_database()})
    redis: RedisServer = request.getfixturevalue("redis_process")

    def new_home() -> Mapping[str, str]:
        return {_DATABASE_URL: postgres.new_database(), "COUNTERSIGN_REDIS_URL": redis.new_database()}

    return Engine(name=name, new_home=new_home)


@pytest.fixture(scope="session")
def _migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the current schema, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "hub.db"
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


@pytest.fixture(scope="session")
def _shared_database(postgres: PostgresCluster) -> Iterator[Database]:
    """One PostgreSQL database for all tests of one store: emptying it takes less time than making another."""
    database = Database(with_driver(postgres.new_database()))
    yield database
    database.close()


@pytest.fixture
def empty_address(engine: Engine, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any table, on each engine in turn."""
    if engine.name is not EngineName.SQLITE:
        cluster: PostgresCluster = request.getfixturevalue("postgres")
        return with_driver(cluster.empty_database())
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def database(engine: Engine, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with the current schema and no row, on each engine in turn."""
    if engine.name is not EngineName.SQLITE:
        shared: Database = request.getfixturevalue("_shared_database")
        tables = ", ".join(table.name for metadata in METADATA for table in metadata.sorted_tables)
        with shared.transaction() as connection:
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
        yield shared
        return
    file = shutil.copy(request.getfixturevalue("_migrated_file"), tmp_path / "hub.db")
    own = Database(f"sqlite:///{file}")
    yield own
    own.close()
