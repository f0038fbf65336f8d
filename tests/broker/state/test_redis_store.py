"""What only a store beside the database can meet: it forgets, it goes away, and its hub ends between two writes."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import redis

from audit.journal import append
from broker.database import Database
from broker.state import redis_store
from broker.state.envelopes import Envelopes
from broker.state.handles import Handle
from broker.state.redis_store import RedisStore
from broker.state.sealing import Sealer, ServerKey
from broker.state.store import Kind, StaleVersionError, Stored, StoreUnavailableError
from tests.audit.sample_events import Step
from tests.broker.builders import NOW
from tests.broker.state.store_conformance import LATER, StoreBench
from tests.engines.redis_server import RedisServer, redis_server

BRIEFLY = 0.3


@pytest.fixture
def address(redis_process: RedisServer) -> str:
    return redis_process.new_database()


@pytest.fixture
def beside(redis_process: RedisServer, address: str) -> Iterator[redis.Redis]:
    """Another client of the same database."""
    with redis_process.client(address) as client:
        yield client


@pytest.fixture
def bench(address: str, database: Database) -> StoreBench:
    return StoreBench(store=RedisStore(address, hold_seconds=BRIEFLY), database=database)


def end_before_storing(bench: StoreBench, key: bytes) -> None:
    """A hub that ends after its facts are durable and before the values follow."""
    with bench.database.pending_transaction() as transaction:
        writes = bench.store.writes(transaction)
        writes.replace(key, b"never stored", expected_version=1, purge_after=LATER)
        append(transaction.connection, Step(journey="durable"), at=NOW)


def test_after_a_crash_the_value_is_as_it_was_and_can_be_taken_when_the_hold_has_lapsed(
    bench: StoreBench,
) -> None:
    key = bench.put()

    end_before_storing(bench, key)

    assert len(bench.facts()) == 1
    assert bench.get(key) == Stored(sealed=b"first", version=1, purge_after=LATER)
    with pytest.raises(StaleVersionError):
        bench.claim(key)
    time.sleep(BRIEFLY)
    bench.replace(key, b"again", expected=1)
    assert bench.get(key) == Stored(sealed=b"again", version=2, purge_after=LATER)


def test_who_was_slower_than_its_hold_stores_nothing_at_all(bench: StoreBench) -> None:
    key, other = bench.put(), secrets.token_bytes(32)

    def too_slow() -> None:
        with bench.work() as work:
            work.writes.replace(key, b"slow", expected_version=1, purge_after=LATER)
            work.writes.put(other, b"slow", purge_after=LATER)
            time.sleep(BRIEFLY)
            bench.replace(key, b"overtook", expected=1)

    with pytest.raises(StaleVersionError):
        too_slow()

    assert bench.get(key) == Stored(sealed=b"overtook", version=2, purge_after=LATER)
    assert bench.get(other) is None


def test_a_hold_that_lapsed_and_that_nobody_wanted_is_as_good_as_ever(bench: StoreBench) -> None:
    key = bench.put()

    with bench.work() as work:
        work.writes.replace(key, b"slow", expected_version=1, purge_after=LATER)
        time.sleep(BRIEFLY)

    assert bench.get(key) == Stored(sealed=b"slow", version=2, purge_after=LATER)


def test_a_flush_between_two_writes_of_a_unit_stores_nothing_of_it(
    bench: StoreBench, beside: redis.Redis
) -> None:
    key, other = bench.put(), secrets.token_bytes(32)

    def flushed() -> None:
        with bench.work() as work:
            work.writes.replace(key, b"second", expected_version=1, purge_after=LATER)
            work.writes.put(other, b"new", purge_after=LATER)
            beside.flushdb()

    with pytest.raises(StaleVersionError):
        flushed()

    assert bench.get(key) is None
    assert bench.get(other) is None


def test_nobody_waits_for_ever_for_a_holder(
    address: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_store, "PATIENCE_SECONDS", BRIEFLY)
    bench = StoreBench(store=RedisStore(address), database=database)
    key = bench.put()

    with bench.work() as work:
        work.writes.hold(key)
        before = time.monotonic()
        with pytest.raises(StaleVersionError):
            bench.replace(key, b"impatient", expected=1)

    assert BRIEFLY <= time.monotonic() - before < 10 * BRIEFLY


def test_a_unit_without_facts_begins_no_transaction(
    bench: StoreBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = bench.put()
    monkeypatch.setattr(bench.database, "_writer", None)

    bench.claim(key)

    assert bench.get(key) is not None


def test_a_call_that_is_sent_twice_does_what_one_does(
    address: str, database: Database, beside: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RedisStore(address)
    run = store.run
    monkeypatch.setattr(store, "run", lambda *call: (run(*call), run(*call))[1])
    bench = StoreBench(store=store, database=database)

    key, deleted = bench.put(), bench.put()
    bench.claim(key)
    with bench.work() as work:
        work.writes.replace(key, b"second", expected_version=1, purge_after=LATER)
        work.writes.delete(deleted)

    assert bench.get(key) == Stored(sealed=b"second", version=2, purge_after=LATER)
    assert bench.get(deleted) is None


def test_a_value_is_forgotten_soon_after_its_hour_and_not_before(
    bench: StoreBench, beside: redis.Redis
) -> None:
    key = bench.put()
    bench.replace(key, b"second", expected=1)

    forgotten = beside.pexpiretime(f"countersign:{key.hex()}") / 1000

    assert LATER * 3600 < forgotten <= LATER * 3600 + 3600


def test_names_are_hashes_and_no_two_values_tell_that_they_belong_together(
    bench: StoreBench, beside: redis.Redis
) -> None:
    sealer = ServerKey(kid=secrets.token_bytes(8), key=secrets.token_bytes(32))
    envelopes = Envelopes(store=bench.store, sealer=Sealer(active=sealer, keys={sealer.kid: sealer}))
    handles, ends = (Handle.new(), Handle.new()), datetime.now(UTC) + timedelta(hours=1)
    for version in (1, 2):
        with bench.work() as work:
            for handle in handles:
                if version == 1:
                    envelopes.put(work.writes, Kind.JOURNEY, handle, "somebody", ends)
                else:
                    envelopes.replace(work.writes, Kind.JOURNEY, handle, "somebody", ends, expected_version=1)

    names = sorted(beside.keys())
    assert names == sorted(b"countersign:" + handle.key.hex().encode() for handle in handles)
    one, other = (set(beside.hgetall(name).values()) for name in names)
    # What they share has a handful of values for everybody: version, purge hour, and the end of the last hold.
    assert all(len(value) < 8 for value in one & other)
    for handle, (secret, stored) in itertools.product(handles, itertools.product(handles, (one, other))):
        for hidden in (handle.id, secret.secret, b"somebody"):
            assert not any(hidden in value for value in stored)


def test_while_redis_is_away_every_use_says_so_and_afterwards_everything_works_at_once(
    database: Database,
) -> None:
    with redis_server() as own:
        store = RedisStore(own.new_database())
        bench = StoreBench(store=store, database=database)
        key = bench.put()
        own.server.stop()

        for use in (
            store.check,
            lambda: bench.get(key),
            lambda: bench.claim(key),
            lambda: bench.replace(key, b"second", expected=1),
            bench.put,
        ):
            with pytest.raises(StoreUnavailableError):
                use()

        own.server.start()
        store.check()
        assert bench.get(key) is None
        assert bench.get(bench.put()) is not None


def test_pooled_connections_that_a_restart_closed_are_replaced_without_a_word(database: Database) -> None:
    with redis_server() as own:
        store = RedisStore(own.new_database())
        bench = StoreBench(store=store, database=database)
        key = bench.put()
        own.server.restart()

        assert bench.get(key) is None
        own.server.restart()
        bench.put()
        own.server.restart()
        store.check()


def test_a_unit_that_fails_because_redis_went_away_undoes_its_facts_and_says_why(database: Database) -> None:
    with redis_server() as own:
        bench = StoreBench(store=RedisStore(own.new_database()), database=database)
        key = bench.put()

        def interrupted() -> None:
            with bench.work() as work:
                work.writes.hold(key)
                append(work.connection, Step(journey="lost"), at=NOW)
                own.server.stop()
                work.writes.claim(key, expected_version=1, now=0, lease_seconds=60)

        with pytest.raises(StoreUnavailableError):
            interrupted()

        assert bench.facts() == []
