"""PostgreSQL and Redis for one hub: started by the benchmark, on the cores that are not the hub's, as in earnest.

PostgreSQL keeps its promise to survive a power cut (its own defaults), except while a hub is being filled.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
import redis

from bench.errors import NotOfferedError
from bench.processors import Cores, on_cores
from broker.demo.processes import ProcessGroup, find_free_port

_OLDEST: Final = 15
_USER: Final = "countersign"
_DATABASE: Final = "hub"
_SERVERS_DATABASE: Final = "postgres"
_READY_SECONDS: Final = 120.0  # a filled one may have to recover first
_POLL_SECONDS: Final = 0.05
_INSTALL: Final = "run: sh deploy/test-system-packages.sh"
_ALWAYS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
}
_LOADING: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "autovacuum": "off",
}
_ENTERED_BY_OTHERS: Final = 0o711


@contextmanager
def postgres_running(home: Path, cores: Cores, *, loading: bool) -> Iterator[str]:
    """Run PostgreSQL on the cluster in `home`, made when missing; gives the address of the hub's database.

    `loading` trades safety for speed until the block ends. Raises `NotOfferedError`.
    """
    programs, port, as_user = _postgres_programs(), find_free_port(), _without_root()
    data = home / "postgres"
    if not data.exists():
        _make_cluster(programs, data, as_user)
    options = _ALWAYS | (_LOADING if loading else {})
    command = [*as_user, str(programs / "postgres"), "-D", str(data), "-p", str(port), *_options(options)]
    with ProcessGroup(logs=home / "logs") as group:
        with on_cores(cores.others):
            group.start("postgres", command, directory=data)
        _wait(group, lambda: _postgres_answers(port))
        with psycopg.connect(_address(port, _SERVERS_DATABASE), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,))
            if known.fetchone() is None:
                connection.execute(f"CREATE DATABASE {_DATABASE}")
        yield _address(port, _DATABASE)


@contextmanager
def redis_running(home: Path, cores: Cores) -> Iterator[str]:
    """Run an empty Redis, or Valkey, that keeps nothing on disk; gives its address."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        raise NotOfferedError(f"Redis is missing; {_INSTALL}")
    port = find_free_port()
    options = {"port": str(port), "bind": "127.0.0.1", "dir": str(home), "save": "", "appendonly": "no"}
    command = [program, *(word for name, value in options.items() for word in (f"--{name}", value))]
    with ProcessGroup(logs=home / "logs") as group:
        with on_cores(cores.others):
            group.start("redis", command, directory=home)
        _wait(group, lambda: _redis_answers(port))
        yield f"redis://127.0.0.1:{port}/0"


def servers_database(address: str) -> str:
    """Give the address of another database on the same server, which no hub uses."""
    return f"{address.rpartition('/')[0]}/{_SERVERS_DATABASE}"


def with_driver(address: str) -> str:
    """Give an address as the hub's settings hand it on to SQLAlchemy."""
    return re.sub(r"^postgresql://", "postgresql+psycopg://", address)


def _make_cluster(programs: Path, data: Path, as_user: Sequence[str]) -> None:
    data.mkdir()
    if as_user:
        # Whom the server runs as has to get there; what is beside it stays unread.
        data.parent.chmod(_ENTERED_BY_OTHERS)
        shutil.chown(data, *_unprivileged())
    initdb = [str(programs / "initdb"), "--pgdata", str(data), "--username", _USER, "--auth", "trust"]
    made = subprocess.run(
        [*as_user, *initdb, "--no-sync", "--encoding", "UTF8", "--locale", "C"],
        cwd=data,
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode != 0:
        raise NotOfferedError(f"PostgreSQL made no cluster: {made.stderr.strip()}")


def _options(options: Mapping[str, str]) -> list[str]:
    return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]


def _address(port: int, database: str) -> str:
    return f"postgresql://{_USER}@127.0.0.1:{port}/{database}"


def _wait(group: ProcessGroup, answers: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not answers():
        group.check()
        if time.monotonic() > deadline:
            raise NotOfferedError("a database server does not answer")
        time.sleep(_POLL_SECONDS)


def _postgres_answers(port: int) -> bool:
    try:
        psycopg.connect(_address(port, _SERVERS_DATABASE), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _redis_answers(port: int) -> bool:
    try:
        with redis.Redis(port=port, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _postgres_programs() -> Path:
    """Find the newest server that Debian installed, else one in the PATH."""
    versions = [
        (int(path.parent.name), path)
        for path in Path("/usr/lib/postgresql").glob("*/bin")
        if path.parent.name.isdigit() and (path / "initdb").exists()
    ]
    if versions and max(versions)[0] >= _OLDEST:
        return max(versions)[1]
    found = shutil.which("initdb")
    if found is None:
        raise NotOfferedError(f"PostgreSQL {_OLDEST} or newer is missing; {_INSTALL}")
    return Path(found).resolve().parent


def _without_root() -> list[str]:
    """Begin a command so that it does not run as root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return []
    user, group = _unprivileged()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise NotOfferedError("PostgreSQL does not run as root, and setpriv of util-linux is missing")
    return [setpriv, f"--reuid={user}", f"--regid={group}", "--clear-groups"]


def _unprivileged() -> tuple[str, str]:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return ("postgres", "postgres") if "postgres" in names else ("nobody", "nogroup")
