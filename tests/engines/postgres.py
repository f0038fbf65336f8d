"""A PostgreSQL cluster of the tests' own, and in it a database for each hub: the newest version that Debian installed.

It keeps nothing safe (`fsync` off): what survives a power cut is PostgreSQL's business, and its own tests'.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from broker.database import Database
from broker.schema import upgrade
from tests.engines.server import Server, free_port, new_directory, server_user

OLDEST: Final = 15
_USER: Final = "countersign"
_TEMPLATE: Final = "prepared"
_FAST: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "400",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresCluster:
    """A running cluster; `server` can be stopped, killed and started."""

    server: Server
    port: int
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_database(self) -> str:
        """Make a database with the current schema; gives its address as an operator writes it."""
        return self._create(f"TEMPLATE {_TEMPLATE}")

    def empty_database(self) -> str:
        """Make a database without any table."""
        return self._create("")

    def address(self, name: str) -> str:
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/{name}"

    def prepare(self) -> None:
        """Make the template with the current schema, so that a new database is a copy and no upgrade."""
        self._run(f"CREATE DATABASE {_TEMPLATE}")
        database = Database(with_driver(self.address(_TEMPLATE)))
        upgrade(database)
        database.close()

    def _create(self, how: str) -> str:
        name = f"hub_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} {how}")
        return self.address(name)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgres_cluster() -> Iterator[PostgresCluster]:
    """Run a cluster until the block ends, and leave nothing of it behind."""
    installed, user, port = programs(), server_user(), free_port()
    directory = new_directory("postgres", user)
    data = directory / "data"
    initdb = [str(installed / "initdb"), "--pgdata", str(data), "--username", _USER, "--auth", "trust"]
    made = subprocess.run(
        [*initdb, "--no-sync", "--encoding", "UTF8", "--locale", "C"],
        cwd=directory,
        check=False,
        capture_output=True,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    assert made.returncode == 0, made.stderr.decode()
    options = [word for name, value in _FAST.items() for word in ("-c", f"{name}={value}")]
    server = Server(
        command=[str(installed / "postgres"), "-D", str(data), "-p", str(port), *options],
        answers=lambda: _answers(port),
        quit=signal.SIGINT,  # "fast": connected clients are sent away
        directory=directory,
        user=user,
    )
    try:
        server.start()
        cluster = PostgresCluster(server=server, port=port)
        cluster.prepare()
        yield cluster
    finally:
        server.remove()


def with_driver(address: str) -> str:
    """The address as the hub's settings hand it on."""
    return re.sub(r"^postgresql://", "postgresql+psycopg://", address)


def read_rows(address: str, statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Read committed rows; `?` stands for a parameter, as in SQLite."""
    with psycopg.connect(address, autocommit=True) as connection:
        return connection.execute(statement.replace("?", "%s").encode(), parameters).fetchall()


def _answers(port: int) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(f"postgresql://{_USER}@127.0.0.1:{port}/postgres", connect_timeout=2).close()
        return True
    return False


def programs() -> Path:
    """Where Debian put the newest server, else wherever the PATH has one."""
    versions = [
        (int(path.parent.name), path)
        for path in Path("/usr/lib/postgresql").glob("*/bin")
        if path.parent.name.isdigit() and (path / "initdb").exists()
    ]
    if versions and max(versions)[0] >= OLDEST:
        return max(versions)[1]
    found = shutil.which("initdb")
    assert found is not None, f"PostgreSQL {OLDEST} or newer is missing: sh deploy/test-system-packages.sh"
    return Path(found).resolve().parent
