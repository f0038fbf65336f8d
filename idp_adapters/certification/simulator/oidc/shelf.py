"""What the stub remembers between requests: bounded, in memory, and safe with many threads.

When a shelf is full the oldest item goes, expired or not: a test tool may forget, it may not grow.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

T = TypeVar("T")


class Shelf(Generic[T]):
    """Items under a key, each until its own time."""

    def __init__(self, *, capacity: int) -> None:
        """Hold at most `capacity` items."""
        self._capacity = capacity
        self._items: OrderedDict[str, tuple[T, datetime]] = OrderedDict()
        self._lock = Lock()

    def put(self, key: str, item: T, *, until: datetime) -> None:
        """Keep the item, in place of an earlier one under the same key."""
        with self._lock:
            self._store(key, item, until)

    def look(self, key: str, *, now: datetime) -> T | None:
        """Give the item and keep it."""
        with self._lock:
            return self._fresh(key, now)

    def take(self, key: str, *, now: datetime) -> T | None:
        """Give the item to one caller only."""
        with self._lock:
            item = self._fresh(key, now)
            self._items.pop(key, None)
            return item

    def claim(self, key: str, item: T, *, until: datetime, now: datetime) -> bool:
        """Keep the item only if nothing is under the key yet, in one step."""
        with self._lock:
            if self._fresh(key, now) is not None:
                return False
            self._store(key, item, until)
            return True

    def _store(self, key: str, item: T, until: datetime) -> None:
        self._items[key] = (item, until)
        self._items.move_to_end(key)
        if len(self._items) > self._capacity:
            self._items.popitem(last=False)

    def _fresh(self, key: str, now: datetime) -> T | None:
        item, until = self._items.get(key, (None, None))
        return item if until is not None and now < until else None
