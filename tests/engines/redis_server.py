"""A Redis server of the tests' own, and in it a numbered database for each hub. It keeps nothing on disk."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import redis

from tests.engines.server import Server, free_port, new_directory

_DATABASES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisServer:
    """A running server; `server` can be stopped, killed and started."""

    server: Server
    port: int
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_database(self) -> str:
        """Give the address of a database that nobody has used."""
        return f"redis://127.0.0.1:{self.port}/{next(self._numbers)}"

    def client(self, address: str | None = None) -> redis.Redis:
        """A client beside the hub's own."""
        return redis.Redis.from_url(address or f"redis://127.0.0.1:{self.port}/0", protocol=2)


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run a server until the block ends, and leave nothing of it behind."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    assert program is not None, "Redis is missing: sh deploy/test-system-packages.sh"
    port, directory = free_port(), new_directory("redis", None)
    options = {
        "port": port,
        "bind": "127.0.0.1",
        "dir": directory,
        "save": "",
        "appendonly": "no",
        "databases": _DATABASES,
    }
    command = [program, *(word for name, value in options.items() for word in (f"--{name}", str(value)))]
    server = Server(command=command, answers=lambda: _answers(port), quit=signal.SIGTERM, directory=directory)
    try:
        server.start()
        yield RedisServer(server=server, port=port)
    finally:
        server.remove()


def _answers(port: int) -> bool:
    with contextlib.suppress(redis.RedisError), redis.Redis(port=port, socket_timeout=2) as client:
        return bool(client.ping())
    return False
