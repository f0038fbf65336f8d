"""The fixtures of engines, and `--engine`, which chooses what the journeys run on: all, unless it is given.

A server is started when the first test of a process asks for it, and serves all of that process's tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.engines.engine import Engine, EngineName
from tests.engines.postgres import PostgresCluster, postgres_cluster
from tests.engines.redis_server import RedisServer, redis_server

_OPTION = "--engine"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        _OPTION,
        action="append",
        choices=[name.value for name in EngineName],
        help="run journeys on this engine only; postgres brings Redis with it (may be repeated)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        chosen = metafunc.config.getoption(_OPTION) or [name.value for name in EngineName]
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
    """Each engine in turn; SQLite alone, and PostgreSQL with Redis."""
    name = EngineName(request.param)
    if name is EngineName.SQLITE:
        return Engine(name=name, new_home=dict)
    postgres: PostgresCluster = request.getfixturevalue("postgres")
    redis: RedisServer = request.getfixturevalue("redis_process")

    def new_home() -> Mapping[str, str]:
        return {
            "COUNTERSIGN_DATABASE_URL": postgres.new_database(),
            "COUNTERSIGN_REDIS_URL": redis.new_database(),
        }

    return Engine(name=name, new_home=new_home)
