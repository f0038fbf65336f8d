"""What every short-lived store promises; a new store is finished when these pass.

    class TestMyStore(StoreConformance):
        @pytest.fixture
        def bench(self) -> StoreBench: …

Each test has keys of its own, so that a store may be shared.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest

from audit.journal import append, read
from broker.database import Database
from broker.hub import Work, unit_of_work
from broker.state.store import ShortLivedStore, StaleVersionError, Stored
from tests.audit.sample_events import Step
from tests.broker.builders import NOW

LATER = int(time.time()) // 3600 + 2
"""A purge hour that does not come while the tests run."""

AT_ONCE = 100
LEASE = 60


class PowerCutError(Exception):
    """Raised where a unit of work fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreBench:
    """A store, the database of the facts beside it, and units of work on both."""

    store: ShortLivedStore
    database: Database

    def work(self) -> AbstractContextManager[Work]:
        return unit_of_work(self.database, self.store)

    def get(self, key: bytes) -> Stored | None:
        with self.store.reading() as reads:
            return reads.get(key)

    def put(self, sealed: bytes = b"first") -> bytes:
        """Store a value under a key of its own."""
        key = secrets.token_bytes(32)
        with self.work() as work:
            work.writes.put(key, sealed, purge_after=LATER)
        return key

    def replace(self, key: bytes, sealed: bytes, *, expected: int) -> None:
        with self.work() as work:
            work.writes.replace(key, sealed, expected_version=expected, purge_after=LATER)

    def claim(self, key: bytes, *, now: int = 0, expected: int = 1) -> None:
        with self.work() as work:
            work.writes.claim(key, expected_version=expected, now=now, lease_seconds=LEASE)

    def facts(self) -> list[bytes]:
        with self.database.reading() as connection:
            return [row.body for row in read(connection)]


def outcomes(attempt: Callable[[int], None], attempts: int = AT_ONCE) -> Counter[str]:
    """Make many attempts at once; those that came too late are "stale"."""
    start = threading.Barrier(attempts)

    def one(number: int) -> str:
        start.wait()
        try:
            attempt(number)
        except StaleVersionError:
            return "stale"
        return "done"

    with ThreadPoolExecutor(attempts) as pool:
        return Counter(pool.map(one, range(attempts)))


class StoreConformance:
    """The promises of `broker.state.store`."""

    def test_what_is_put_can_be_read_as_version_one(self, bench: StoreBench) -> None:
        sealed = bytes(range(256)) * 8

        key = bench.put(sealed)

        assert bench.get(key) == Stored(sealed=sealed, version=1, purge_after=LATER)

    def test_there_is_nothing_under_another_key(self, bench: StoreBench) -> None:
        bench.put()

        assert bench.get(secrets.token_bytes(32)) is None

    def test_a_replacement_is_the_next_version(self, bench: StoreBench) -> None:
        key = bench.put()

        bench.replace(key, b"second", expected=1)

        assert bench.get(key) == Stored(sealed=b"second", version=2, purge_after=LATER)

    @pytest.mark.parametrize("expected", [0, 2, 7])
    def test_a_replacement_of_another_version_changes_nothing(self, bench: StoreBench, expected: int) -> None:
        key = bench.put()

        with pytest.raises(StaleVersionError):
            bench.replace(key, b"second", expected=expected)

        assert bench.get(key) == Stored(sealed=b"first", version=1, purge_after=LATER)

    def test_what_is_not_there_can_be_neither_replaced_nor_claimed_nor_held(self, bench: StoreBench) -> None:
        key = secrets.token_bytes(32)

        with pytest.raises(StaleVersionError):
            bench.replace(key, b"second", expected=1)
        with pytest.raises(StaleVersionError):
            bench.claim(key)
        with bench.work() as work:
            assert work.writes.hold(key) is None

        assert bench.get(key) is None

    def test_what_is_deleted_is_gone_and_deleting_it_again_is_no_error(self, bench: StoreBench) -> None:
        key = bench.put()

        for _ in range(2):
            with bench.work() as work:
                work.writes.delete(key)

        assert bench.get(key) is None

    def test_nothing_is_seen_before_the_unit_has_ended(self, bench: StoreBench) -> None:
        held, other = bench.put(), secrets.token_bytes(32)

        with bench.work() as work:
            work.writes.replace(held, b"second", expected_version=1, purge_after=LATER)
            work.writes.put(other, b"new", purge_after=LATER)
            append(work.connection, Step(journey="a"), at=NOW)
            seen = bench.get(held)
            assert seen is not None
            assert seen.version == 1
            assert bench.get(other) is None

        assert bench.get(other) is not None

    def test_a_unit_that_fails_leaves_everything_as_it_was_and_free(self, bench: StoreBench) -> None:
        replaced, deleted, new = bench.put(), bench.put(), secrets.token_bytes(32)
        before = bench.facts()

        def fail() -> None:
            with bench.work() as work:
                work.writes.claim(replaced, expected_version=1, now=0, lease_seconds=LEASE)
                work.writes.replace(replaced, b"second", expected_version=1, purge_after=LATER)
                work.writes.delete(deleted)
                work.writes.put(new, b"new", purge_after=LATER)
                append(work.connection, Step(journey="lost"), at=NOW)
                raise PowerCutError

        with pytest.raises(PowerCutError):
            fail()

        assert bench.get(replaced) == Stored(sealed=b"first", version=1, purge_after=LATER)
        assert bench.get(deleted) is not None
        assert bench.get(new) is None
        assert bench.facts() == before
        bench.claim(replaced)
        bench.replace(replaced, b"third", expected=1)

    def test_facts_and_values_of_a_unit_stand_together(self, bench: StoreBench) -> None:
        key, before = bench.put(), len(bench.facts())

        with bench.work() as work:
            work.writes.replace(key, b"second", expected_version=1, purge_after=LATER)
            append(work.connection, Step(journey="kept"), at=NOW)

        found = bench.get(key)
        assert found is not None
        assert found.version == 2
        assert len(bench.facts()) == before + 1

    def test_a_held_value_is_read_as_it_is_and_replaced_by_its_holder(self, bench: StoreBench) -> None:
        key = bench.put()
        bench.replace(key, b"second", expected=1)

        with bench.work() as work:
            held = work.writes.hold(key)
            assert held == Stored(sealed=b"second", version=2, purge_after=LATER)
            work.writes.replace(key, b"third", expected_version=held.version, purge_after=LATER)

        assert bench.get(key) == Stored(sealed=b"third", version=3, purge_after=LATER)

    def test_a_hold_ends_with_its_unit_though_nothing_was_replaced(self, bench: StoreBench) -> None:
        key = bench.put()

        with bench.work() as work:
            work.writes.hold(key)

        bench.replace(key, b"second", expected=1)

    def test_who_comes_second_waits_for_the_holder_and_finds_what_it_left(self, bench: StoreBench) -> None:
        key, holding = bench.put(), threading.Event()

        def first() -> None:
            with bench.work() as work:
                work.writes.hold(key)
                holding.set()
                time.sleep(0.2)
                work.writes.replace(key, b"second", expected_version=1, purge_after=LATER)

        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(first)
            assert holding.wait(5)
            with bench.work() as work:
                found = work.writes.hold(key)
            done.result()

        assert found == Stored(sealed=b"second", version=2, purge_after=LATER)

    def test_of_many_replacements_at_once_exactly_one_is_made(self, bench: StoreBench) -> None:
        key = bench.put()

        counted = outcomes(lambda number: bench.replace(key, b"%d" % number, expected=1))

        assert counted == {"done": 1, "stale": AT_ONCE - 1}
        found = bench.get(key)
        assert found is not None
        assert found.version == 2

    def test_of_many_claims_at_once_exactly_one_is_given(self, bench: StoreBench) -> None:
        key = bench.put()

        assert outcomes(lambda _: bench.claim(key)) == {"done": 1, "stale": AT_ONCE - 1}

    def test_many_holders_follow_each_other_and_lose_no_change(self, bench: StoreBench) -> None:
        key, holders = bench.put(b"0"), 20

        def count_on(_: int) -> None:
            with bench.work() as work:
                held = work.writes.hold(key)
                assert held is not None
                following = b"%d" % (int(held.sealed) + 1)
                work.writes.replace(key, following, expected_version=held.version, purge_after=LATER)

        assert outcomes(count_on, holders) == {"done": holders}
        found = bench.get(key)
        assert found is not None
        assert (found.sealed, found.version) == (b"%d" % holders, holders + 1)

    def test_a_lease_keeps_other_claims_off_until_the_second_it_lapses(self, bench: StoreBench) -> None:
        key = bench.put()
        bench.claim(key, now=1000)

        with pytest.raises(StaleVersionError):
            bench.claim(key, now=1000 + LEASE - 1)

        bench.claim(key, now=1000 + LEASE)

    def test_a_replacement_ends_the_lease(self, bench: StoreBench) -> None:
        key = bench.put()
        bench.claim(key, now=1000)

        bench.replace(key, b"second", expected=1)

        bench.claim(key, now=1001, expected=2)

    def test_a_claim_names_its_version(self, bench: StoreBench) -> None:
        key = bench.put()
        bench.replace(key, b"second", expected=1)

        with pytest.raises(StaleVersionError):
            bench.claim(key, expected=1)

    def test_two_values_know_nothing_of_each_other(self, bench: StoreBench) -> None:
        one, other = bench.put(b"one"), bench.put(b"other")
        bench.claim(one)

        bench.claim(other)
        bench.replace(other, b"changed", expected=1)

        assert bench.get(one) == Stored(sealed=b"one", version=1, purge_after=LATER)

    def test_a_store_that_works_says_so(self, bench: StoreBench) -> None:
        bench.store.check()
