"""Where the hub keeps its state while it is measured; a new engine is one entry in `_ENGINES`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Protocol

from bench.errors import NotOfferedError
from bench.processors import Cores
from bench.servers import postgres_running, redis_running, with_driver
from broker.database import Database
from broker.schema import upgrade

DATABASE_URL: Final = "COUNTERSIGN_DATABASE_URL"
REDIS_URL: Final = "COUNTERSIGN_REDIS_URL"


class Engine(Protocol):
    """Runs what is needed until the block ends, on what `home` has from before; gives the hub's settings for it.

    `loading`: rows are about to be copied in, so what makes a commit safe may wait.
    """

    def __call__(
        self, home: Path, cores: Cores, *, loading: bool = False
    ) -> AbstractContextManager[dict[str, str]]:
        """Begin."""


@contextmanager
def _sqlite(home: Path, cores: Cores, *, loading: bool = False) -> Iterator[dict[str, str]]:  # noqa: ARG001
    yield {DATABASE_URL: f"sqlite:///{home / 'hub.db'}"}


@contextmanager
def _postgres(home: Path, cores: Cores, *, loading: bool = False) -> Iterator[dict[str, str]]:
    with (
        postgres_running(home, cores, loading=loading) as database_url,
        redis_running(home, cores) as redis_url,
    ):
        # A hub leaves the schema of a database server to its operator.
        database = Database(with_driver(database_url))
        try:
            upgrade(database)
        finally:
            database.close()
        yield {DATABASE_URL: database_url, REDIS_URL: redis_url}


_ENGINES: Final[dict[str, Engine]] = {"sqlite": _sqlite, "postgres": _postgres}


def find_engine(name: str) -> Engine:
    """Give the engine of this name; raises `NotOfferedError`."""
    if name not in _ENGINES:
        raise NotOfferedError(f"there is no engine {name}: choose from {', '.join(_ENGINES)}")
    return _ENGINES[name]
