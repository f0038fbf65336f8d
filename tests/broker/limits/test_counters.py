from __future__ import annotations

import threading
import time

import pytest

from broker.limits.counters import LOT, BoundedCounters
from tests.engines.redis_server import RedisServer

HOUR = 3600


def test_hits_of_one_key_add_up_within_a_window() -> None:
    counters = BoundedCounters()
    assert [counters.incr("a", HOUR) for _ in range(3)] == [1, 2, 3]
    assert counters.incr("b", HOUR) == 1
    assert counters.get("a") == 3


def test_a_window_ends_by_itself() -> None:
    counters = BoundedCounters()
    counters.incr("a", 0.02, 5)
    time.sleep(0.03)
    assert counters.get("a") == 0
    assert counters.incr("a", 0.02) == 1


def test_parallel_hits_are_all_counted() -> None:
    counters = BoundedCounters()
    threads = [
        threading.Thread(target=lambda: [counters.incr("a", HOUR) for _ in range(500)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counters.get("a") == 4000


def test_a_flood_from_everywhere_takes_no_more_memory_than_agreed() -> None:
    counters = BoundedCounters(most=100)
    for source in range(10_000):
        counters.incr(f"source:{source}", HOUR)
    assert counters.kept <= 100
    assert counters.get("source:9999") == 1


def test_what_has_ended_makes_room_before_anything_that_counts() -> None:
    counters = BoundedCounters(most=100)
    for source in range(30):
        counters.incr(f"steady:{source}", HOUR)
    for source in range(70):
        counters.incr(f"gone:{source}", 0.0)
    counters.incr("new", HOUR)
    assert counters.kept == 31
    assert counters.get("steady:0") == 1


def test_a_redis_that_is_away_leaves_each_worker_counting_for_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    counters = BoundedCounters(shared="redis://127.0.0.1:1")
    assert [counters.incr("a", HOUR) for _ in range(3 * LOT)] == list(range(1, 3 * LOT + 1))
    assert len(caplog.records) == 1
    assert "counts requests by itself" in caplog.text


def test_workers_that_share_a_redis_count_together_in_lots(redis_process: RedisServer) -> None:
    address = redis_process.new_database()
    one, other = BoundedCounters(shared=address), BoundedCounters(shared=address)
    for _ in range(5 * LOT):
        one.incr("a", HOUR)
    assert [other.incr("a", HOUR) for _ in range(LOT)][-1] == 6 * LOT
    assert one.incr("a", HOUR) == 5 * LOT + 1
    told = [one.incr("a", HOUR) for _ in range(LOT)]
    assert told[-1] == 7 * LOT + 1


def test_who_comes_seldom_costs_no_call_to_redis(redis_process: RedisServer) -> None:
    address = redis_process.new_database()
    counters = BoundedCounters(shared=address)
    for source in range(200):
        for _ in range(LOT - 1):
            counters.incr(f"source:{source}", HOUR)
    assert redis_process.client(address).dbsize() == 0


def test_what_redis_keeps_goes_by_itself(redis_process: RedisServer) -> None:
    address = redis_process.new_database()
    counters = BoundedCounters(shared=address)
    for _ in range(LOT):
        counters.incr("source:abc", 60)
    client = redis_process.client(address)
    (key,) = client.keys()
    assert key == b"countersign:limits:source:abc"
    assert 0 < int(client.ttl(key)) <= 60
