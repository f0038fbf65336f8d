from __future__ import annotations

import threading
import time

import pytest

from broker.limits.counters import LOT, BoundedCounters

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
