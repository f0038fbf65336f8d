"""Every schema that has landed, as its engine describes it, in `tests/schemas`.

`python -m tests.upgrades.landed` writes the current one there; it belongs into the commit of its migration.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

import psycopg

from broker.database import Database
from broker.schema import CURRENT_REVISION, upgrade
from tests.engines.engine import EngineName
from tests.engines.postgres import postgres_cluster, programs, with_driver

SCHEMAS: Final = Path(__file__).resolve().parents[1] / "schemas"
NO_LONGER_USED: Final[frozenset[tuple[str, str]]] = frozenset()
"""Columns (table, column) that the last landed version has stopped using, so that the next migration may drop them."""


def revisions() -> list[str]:
    """The landed revisions, oldest first."""
    return sorted({file.name.partition(".")[0] for file in SCHEMAS.glob("*.sql")})


def last_landed() -> str:
    """The revision that runs beside the current one during an upgrade; the current one, as long as it is the first."""
    return ([each for each in revisions() if each < CURRENT_REVISION] or [CURRENT_REVISION])[-1]


def recorded(revision: str, engine: EngineName) -> str:
    """The statements that make a landed schema."""
    return (SCHEMAS / f"{revision}.{engine}.sql").read_text(encoding="utf-8")


def make(revision: str, address: str) -> None:
    """Make a landed schema in a database without any table; `address` is as an operator writes it."""
    version = f"INSERT INTO alembic_version (version_num) VALUES ('{revision}');\n"  # noqa: S608 - our own
    if address.startswith("sqlite:///"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection:
            connection.executescript(recorded(revision, EngineName.SQLITE) + version)
        return
    with psycopg.connect(address, autocommit=True) as server:
        server.execute((recorded(revision, EngineName.POSTGRES) + version).encode())


def described(address: str) -> str:
    """The statements that make the schema of a database, in a fixed order and without what differs by server."""
    if address.startswith("sqlite:///"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection:
            order = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC, name"
            found = [sql for (sql,) in connection.execute(order)]
        return "".join(f"{sql.strip()};\n" for sql in found)
    dump = [str(programs() / "pg_dump"), "--schema-only", "--no-owner", "--no-privileges", address]
    text = subprocess.run(dump, check=True, capture_output=True, text=True).stdout
    lines = [line for line in text.splitlines() if line and not re.match(r"--|\\|SET |SELECT ", line)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the current schema of both engines."""
    SCHEMAS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, postgres_cluster() as cluster:
        addresses = {
            EngineName.SQLITE: f"sqlite:///{directory}/hub.db",
            EngineName.POSTGRES: cluster.empty_database(),
        }
        for engine, address in addresses.items():
            database = Database(with_driver(address))
            upgrade(database)
            database.close()
            file = SCHEMAS / f"{CURRENT_REVISION}.{engine}.sql"
            file.write_text(described(address), encoding="utf-8")


if __name__ == "__main__":
    main()
