"""The floor: what the unavoidable parts of a journey cost by themselves, here and now.

Each part is measured alone, in its best round, with the libraries that the hub uses. Compare only with figures
of the same sitting: this kind of machine is faster on some days than on others.
"""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.jwk import ECKey
from redis import Redis
from sqlalchemy import Column, LargeBinary, MetaData, Table, insert
from urllib3 import HTTPConnectionPool, PoolManager

from bench.connection import Connection
from bench.engines import DATABASE_URL, REDIS_URL
from bench.processors import Cores, cpu_seconds, on_cores, process_tree
from bench.servers import servers_database, with_driver
from broker.database import Database
from broker.demo.processes import ProcessGroup, find_free_port

_ROOT: Final = Path(__file__).resolve().parent.parent
_ROUNDS: Final = 5
_READY_SECONDS: Final = 60.0
_SEALED_BYTES: Final = 2048
_CLAIMS: Final = {
    "iss": "https://hub.example",
    "sub": "a" * 43,
    "aud": "bench",
    "exp": 2**31,
    "nonce": "b" * 43,
}


class Part(StrEnum):
    """Something that a journey cannot do without; the floor counts how often it does."""

    REQUEST = "bare request"
    CALL = "call to the provider"
    SIGN = "ES256 sign"
    VERIFY = "ES256 verify"
    SEAL = "seal or open"
    COMMIT = "commit of 3 inserts"
    REDIS = "Redis round trip"


def measure_floor(state: Path, provider: str, settings: Mapping[str, str], cores: Cores) -> dict[Part, float]:
    """Measure each part in microseconds of the hub's CPU, on the engine of these settings.

    The provider at this origin, and the engine, must be running.
    """
    with on_cores(cores.hub):
        sign, verify = _signatures()
        floor = {
            Part.CALL: _call(provider),
            Part.SIGN: sign,
            Part.VERIFY: verify,
            Part.SEAL: _seal(),
            Part.COMMIT: _commit(_beside(settings[DATABASE_URL], state)),
            Part.REDIS: _redis_round_trip(settings[REDIS_URL]) if REDIS_URL in settings else 0.0,
        }
    return {Part.REQUEST: _bare_request(state, cores), **floor}


def floor_milliseconds(floor: Mapping[Part, float], uses: Mapping[Part, float]) -> float:
    """Give what a journey's parts cost together."""
    return sum(floor[part] * count for part, count in uses.items()) / 1000


def _best(action: Callable[[], object], times: int) -> float:
    """Give the microseconds of this process's CPU that one call costs, in the best of some rounds."""
    rounds = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        for _ in range(times):
            action()
        rounds.append((time.process_time() - began) / times)
    return min(rounds) * 1e6


def _signatures() -> tuple[float, float]:
    key = ECKey.generate_key("P-256", {"kid": "floor"}, private=True)
    header = {"alg": "ES256", "kid": "floor"}
    token = jwt.encode(header, _CLAIMS, key)
    return (
        _best(lambda: jwt.encode(header, _CLAIMS, key), 500),
        _best(lambda: jwt.decode(token, key, algorithms=["ES256"]), 500),
    )


def _seal() -> float:
    secret, salt, nonce = secrets.token_bytes(32), secrets.token_bytes(32), secrets.token_bytes(12)
    plaintext = secrets.token_bytes(_SEALED_BYTES)

    def seal() -> bytes:
        key = HKDF(SHA256(), 32, salt=salt, info=b"floor").derive(secret)
        return AESGCM(key).encrypt(nonce, plaintext, b"context")

    return _best(seal, 2000)


def _beside(address: str, state: Path) -> str:
    """Give another database of the same kind, durable in the same way and on the same disk."""
    if address.startswith("sqlite:"):
        return f"sqlite:///{state / 'floor.db'}"
    return with_driver(servers_database(address))


def _commit(address: str) -> float:
    rows = Table(
        "floor", MetaData(), Column("id", LargeBinary, primary_key=True), Column("body", LargeBinary)
    )
    statement = insert(rows)
    body = secrets.token_bytes(_SEALED_BYTES // 4)
    database = Database(address)

    def commit() -> None:
        with database.transaction() as connection:
            for _ in range(3):
                connection.execute(statement, {"id": secrets.token_bytes(32), "body": body})

    try:
        with database.transaction() as connection:
            rows.drop(connection, checkfirst=True)
            rows.create(connection)
        return _best(commit, 200)
    finally:
        database.close()


def _redis_round_trip(address: str) -> float:
    body = secrets.token_bytes(_SEALED_BYTES // 4)
    with Redis.from_url(address, protocol=2) as client:
        return _best(lambda: client.set("floor", body, ex=60), 500)


def _call(provider: str) -> float:
    pool = PoolManager().connection_from_url(provider)

    def call() -> bytes:
        return _body(pool)

    return _best(call, 200)


def _body(pool: HTTPConnectionPool) -> bytes:
    return pool.request("GET", "/jwks", retries=False).data


def _bare_request(state: Path, cores: Cores) -> float:
    with _bare_application(state, cores) as (origin, pids):
        connection = Connection(origin)
        rounds = []
        for _ in range(_ROUNDS):
            before = cpu_seconds(pids)
            for _ in range(200):
                connection.get("/health/ready")
            rounds.append((cpu_seconds(pids) - before) / 200)
        connection.close()
    return min(rounds) * 1e6


@contextmanager
def _bare_application(state: Path, cores: Cores) -> Iterator[tuple[str, tuple[int, ...]]]:
    port = find_free_port()
    origin = f"http://127.0.0.1:{port}"
    with ProcessGroup(logs=state) as group:
        with on_cores(cores.hub):
            command = [sys.executable, "-m", "bench.bare_application", f"127.0.0.1:{port}"]
            bare = group.start("bare", command, directory=_ROOT)
        group.wait_until_ready("bare", f"{origin}/health/ready", timeout=_READY_SECONDS)
        yield origin, process_tree(bare.process.pid)
