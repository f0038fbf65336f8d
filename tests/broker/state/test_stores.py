"""Every store keeps the same promises, on every engine."""

from __future__ import annotations

import pytest

from broker.database import Database
from broker.state.redis_store import RedisStore
from broker.state.sql_store import SqlStore
from tests.broker.state.store_conformance import StoreBench, StoreConformance
from tests.engines.redis_server import RedisServer


class TestSqlStore(StoreConformance):
    @pytest.fixture
    def bench(self, database: Database) -> StoreBench:
        return StoreBench(store=SqlStore(database), database=database)


class TestRedisStore(StoreConformance):
    """Beside facts in SQLite, and beside facts in PostgreSQL."""

    @pytest.fixture
    def bench(self, database: Database, redis_process: RedisServer) -> StoreBench:
        return StoreBench(store=RedisStore(redis_process.new_database()), database=database)
