"""A hub that many have used before: real people first, then their rows copied in bulk; kept between benchmarks.

What is kept is the hub's home: its database and its keys. Whoever measures on it adds a few thousand journeys.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import BigInteger, Integer, LargeBinary, String, make_url
from sqlalchemy.types import TypeEngine

from audit.tables import journal
from bench.copies import Pattern
from bench.engines import DATABASE_URL, find_engine
from bench.errors import BenchError, NotOfferedError
from bench.federation import discover, hub_running, provider_running
from bench.measuring import newcomers, sign_in_all
from bench.processors import Cores
from bench.servers import with_driver
from bench.steps import FIRST, RETURNING
from broker.database import Database
from broker.schema import CURRENT_REVISION
from broker.serving import DEFAULT_THREADS
from broker.tables import account_slots, provider_links
from consent.tables import consent_events, consent_heads

_PEOPLE: Final = 25
_RETURNS: Final = 3
_BY_ACCOUNT: Final = (provider_links, account_slots, consent_heads, consent_events)
_CACHE_KIB: Final = 262_144
_LEAST_FREE_BYTES: Final = 2**30
_BYTES_OF_ACCOUNT: Final = 8192
_BYTES_OF_ENTRY: Final = 1536  # with its index, and the database's own log while it is written
_ENTERED_BY_OTHERS: Final = 0o711


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much a filled hub knows: accounts, each with one consent, and entries of the audit log."""

    accounts: int
    entries: int


def default_cache() -> Path:
    """Name where filled hubs are kept: outside the repository, on a disk, where a server's own user can get."""
    return Path(f"/var/tmp/countersign-bench-{os.getuid()}")  # noqa: S108 - it must be ours, see `filled_home`


def filled_home(cache: Path, engine: str, load: Load, cores: Cores) -> Path:
    """Give the home of a hub of this size on this engine; the first time, fill it, which takes minutes.

    Raises `BenchError` when the disk is too small or the cache is somebody else's.
    """
    cache.mkdir(mode=_ENTERED_BY_OTHERS, parents=True, exist_ok=True)
    if cache.stat().st_uid != os.getuid():
        raise BenchError(f"{cache} belongs to somebody else")
    home = cache / f"{engine}-{load.accounts}-{load.entries}-{CURRENT_REVISION}"
    if home.exists():
        print(f"{engine}: using the filled hub in {home}")
        return home
    for outdated in cache.glob(f"{engine}-{load.accounts}-{load.entries}-*"):
        shutil.rmtree(outdated)
    needed = load.accounts * _BYTES_OF_ACCOUNT + load.entries * _BYTES_OF_ENTRY + _LEAST_FREE_BYTES
    if shutil.disk_usage(cache).free < needed:
        raise BenchError(f"{cache} needs {needed / 2**30:.0f} GiB free to fill a hub; see --cache, --entries")
    unfinished = home.with_name(f"{home.name}.unfinished")
    unfinished.mkdir(mode=_ENTERED_BY_OTHERS)
    began = time.monotonic()
    _fill(unfinished, engine, load, cores)
    unfinished.rename(home)
    print(f"{engine}: filled in {time.monotonic() - began:.0f} s; kept in {home}")
    return home


def _fill(home: Path, engine: str, load: Load, cores: Cores) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="countersign-bench-") as state,
        provider_running(find_engine(engine), Path(state), cores, home=home, loading=True) as federation,
    ):
        with hub_running(federation, cores, workers=1, threads=DEFAULT_THREADS) as pids:
            addresses, people = discover(federation), list(islice(newcomers(), _PEOPLE))
            for scenario in (FIRST, *(RETURNING for _ in range(_RETURNS))):
                attempts = [federation.service.attempt(person, scenario) for person in people]
                sign_in_all(addresses, scenario, attempts, pids, cores)
        address = federation.settings[DATABASE_URL]
        patterns = _patterns(address)
        numbers = {
            pattern.table.name: load.entries
            if pattern.table is journal
            else load.accounts * len(pattern.samples) // _PEOPLE
            for pattern in patterns
        }
        if address.startswith("sqlite:"):
            _into_sqlite(make_url(address).database or "", patterns, numbers)
        else:
            _into_postgres(address, patterns, numbers)


def _patterns(address: str) -> list[Pattern]:
    database = Database(with_driver(address))
    try:
        with database.reading() as connection:
            return [Pattern.of(connection, table) for table in (*_BY_ACCOUNT, journal)]
    finally:
        database.close()


def _into_sqlite(file: str, patterns: list[Pattern], numbers: Mapping[str, int]) -> None:
    """Insert without a journal: an unfinished file is thrown away."""
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
        connection.execute(f"PRAGMA {pragma}")
    for pattern in patterns:
        places = ", ".join("?" * len(pattern.columns))
        statement = f"INSERT INTO {pattern.table.name} ({_names(pattern)}) VALUES ({places})"  # noqa: S608
        for rows in _announced(pattern, numbers):
            connection.execute("BEGIN")
            connection.executemany(statement, rows)
            connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    os.sync()


def _into_postgres(address: str, patterns: list[Pattern], numbers: Mapping[str, int]) -> None:
    """Copy in binary form; what was there is emptied in the same transaction, so that nothing goes to the log."""
    with psycopg.connect(address) as connection:
        for pattern in patterns:
            connection.execute(f"TRUNCATE {pattern.table.name}")
            for rows in _announced(pattern, numbers):
                statement = f"COPY {pattern.table.name} ({_names(pattern)}) FROM STDIN (FORMAT BINARY)"
                with connection.cursor() as cursor, cursor.copy(statement) as copy:
                    copy.set_types([_type_name(pattern.table.columns[name].type) for name in pattern.columns])
                    for row in rows:
                        copy.write_row(row)
            connection.commit()
        connection.autocommit = True
        for pattern in patterns:
            connection.execute(f"VACUUM (ANALYZE) {pattern.table.name}")
        connection.execute("CHECKPOINT")
    os.sync()


def _announced(pattern: Pattern, numbers: Mapping[str, int]) -> Iterator[Iterator[tuple[object, ...]]]:
    number = numbers[pattern.table.name]
    print(f"  {pattern.table.name}: {number} rows … ", end="", flush=True)
    began = time.monotonic()
    yield from pattern.passes(number)
    print(f"{time.monotonic() - began:.0f} s", flush=True)


def _names(pattern: Pattern) -> str:
    return ", ".join(f'"{name}"' for name in pattern.columns)


def _type_name(kind: TypeEngine[object]) -> str:
    for known, name in ((LargeBinary, "bytea"), (BigInteger, "int8"), (Integer, "int4"), (String, "varchar")):
        if isinstance(kind, known):
            return name
    raise NotOfferedError(f"no copy of a column of type {kind}")
