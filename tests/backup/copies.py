"""The commands of docs/backup.md, on either engine."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.engines.postgres import programs
from tests.engines.redis_server import RedisServer
from tests.running_hub import RunningHub


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Where a hub's database and key store are copied to, and how they come back; the hub may run for the former."""

    hub: RunningHub
    directory: Path
    redis: RedisServer

    @property
    def _on_postgres(self) -> str | None:
        address = self.hub._environment["COUNTERSIGN_DATABASE_URL"]
        return address if address.startswith("postgresql") else None

    def take(self) -> None:
        """Copy the key store, then the database, while the hub goes on."""
        shutil.copytree(self.hub.directory / "keys", self.directory / "keys")
        if address := self._on_postgres:
            self._run("pg_dump", "--format=custom", f"--file={self.directory}/hub.dump", address)
            return
        with (
            closing(sqlite3.connect(f"file:{self.hub.database}?mode=ro", uri=True)) as running,
            closing(sqlite3.connect(self.directory / "hub.db")) as copy,
        ):
            running.backup(copy)

    def lose_the_database(self) -> None:
        """Forget facts, and journeys with them."""
        if address := self._on_postgres:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute("DROP SCHEMA public CASCADE")
                connection.execute("CREATE SCHEMA public")
            self.redis.client(self.hub._environment["COUNTERSIGN_REDIS_URL"]).flushdb()
            return
        for name in ("hub.db", "hub.db-wal", "hub.db-shm"):
            (self.hub.directory / name).unlink(missing_ok=True)

    def lose_the_keys(self) -> None:
        shutil.rmtree(self.hub.directory / "keys")

    def restore_the_database(self) -> None:
        if address := self._on_postgres:
            dump = str(self.directory / "hub.dump")
            self._run("pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={address}", dump)
            return
        shutil.copy(self.directory / "hub.db", self.hub.database)

    def restore_the_keys(self) -> None:
        shutil.copytree(self.directory / "keys", self.hub.directory / "keys")

    def _run(self, program: str, *arguments: str) -> None:
        ended = subprocess.run(
            [programs() / program, *arguments], check=False, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stderr
