"""Where requests are counted: in this process, in bounded memory, and shared between workers through Redis in lots.

Invariant: never more than `MOST_KEYS` counts are kept, whoever asks; a count is forgotten early rather than kept
without bound, and a Redis that is away makes every worker count for itself. Plugs into `limits`, Flask-Limiter's
engine, whose own memory store starts a thread, walks through every count a hundred times a second and has no bound.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

from limits.errors import StorageError
from limits.storage import RedisStorage, Storage

SCHEME = "countersign"
MOST_KEYS = 20_000
"""Counts kept at once by one worker, about 5 MiB."""
LOT = 10
"""Hits of one key that a worker counts by itself before it tells the others.

Most people come once or twice in a window and cost no call to Redis; a flood does every tenth time. What workers have
not told each other yet, at most nine hits each, is what a limit can be exceeded by.
"""

_PREFIX = "countersign:limits"
_SOCKET_SECONDS = 1.0
_AWAY_SECONDS = 5.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Count:
    """Hits of one key in its window: `told` is what all workers had when this one last asked."""

    expires_at: float
    told: int = 0
    untold: int = 0


class BoundedCounters(Storage):
    """Fixed windows in bounded memory; safe for many threads."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  # the base class declares it so

    def __init__(self, uri: str | None = None, *, most: int = MOST_KEYS, shared: str = "", **_: Any) -> None:  # noqa: ANN401
        """Count here alone, or together with every worker that names the same Redis; connects to nothing yet."""
        super().__init__(uri)
        self._most = most
        self._counts: dict[str, _Count] = {}
        self._lock = threading.Lock()
        self._shared = _redis(shared) if shared else None
        self._away_until = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a count may raise: nothing but our own mistakes."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, and give the hits of the window so far."""
        now = time.time()
        with self._lock:
            count = self._current(key, expiry, now)
            count.untold += amount
            total, due = count.told + count.untold, count.untold
        if self._shared is None or due < LOT or now < self._away_until:
            return total
        return self._told(self._shared, key, int(expiry), count, due)

    def get(self, key: str) -> int:
        """Hits in the current window, as far as this worker knows."""
        count = self._counts.get(key)
        return 0 if count is None or count.expires_at <= time.time() else count.told + count.untold

    def get_expiry(self, key: str) -> float:
        """When the current window ends, in seconds since the epoch."""
        count = self._counts.get(key)
        return time.time() if count is None else count.expires_at

    def check(self) -> bool:
        """Whether counting works: always, if need be alone."""
        return True

    def reset(self) -> int:
        """Forget everything that this worker has counted."""
        with self._lock:
            forgotten = len(self._counts)
            self._counts.clear()
        return forgotten

    def clear(self, key: str) -> None:
        """Forget one count."""
        with self._lock:
            self._counts.pop(key, None)

    @property
    def kept(self) -> int:
        """How many counts are in memory (not `__len__`: Flask-Limiter takes an empty storage for a missing one)."""
        return len(self._counts)

    def _current(self, key: str, expiry: float, now: float) -> _Count:
        count = self._counts.get(key)
        if count is not None and count.expires_at > now:
            return count
        # Taken out first, so that the oldest windows stand at the front.
        self._counts.pop(key, None)
        if len(self._counts) >= self._most:
            self._make_room(now)
        count = self._counts[key] = _Count(expires_at=now + expiry)
        return count

    def _make_room(self, now: float) -> None:
        """Drop what has ended; when that is little, the older half: a flood from everywhere is not one source's."""
        live = [(key, count) for key, count in self._counts.items() if count.expires_at > now]
        self._counts = dict(live if len(live) <= self._most // 2 else live[len(live) // 2 :])

    def _told(self, shared: RedisStorage, key: str, expiry: int, count: _Count, due: int) -> int:
        try:
            total = shared.incr(key, expiry, due)
        except StorageError:
            self._away_until = time.time() + _AWAY_SECONDS
            _log.warning("Redis does not answer: this worker counts requests by itself for a while")
            return count.told + count.untold
        with self._lock:
            count.told = total
            count.untold = max(0, count.untold - due)
            return count.told + count.untold


def _redis(url: str) -> RedisStorage:
    return RedisStorage(
        url.replace("unix://", "redis+unix://", 1) if url.startswith("unix://") else url,
        key_prefix=_PREFIX,
        wrap_exceptions=True,
        socket_timeout=_SOCKET_SECONDS,
        socket_connect_timeout=_SOCKET_SECONDS,
    )
