"""A store in Redis whose calls are timed."""

from __future__ import annotations

import time
from collections.abc import Sequence

from redis.commands.core import Script

from broker.metrics.instruments import Instruments
from broker.state.redis_store import RedisStore
from broker.state.store import Stored


class MeasuredRedisStore(RedisStore):
    """A `RedisStore` that tells how long it takes."""

    def __init__(self, url: str, instruments: Instruments) -> None:
        """Open no connection yet; raises ValueError when `url` is none of Redis."""
        super().__init__(url)
        self._instruments = instruments

    def run(self, script: Script, keys: Sequence[bytes], arguments: Sequence[str | int | bytes]) -> object:
        """Run a script, and time it."""
        began = time.perf_counter()
        try:
            return super().run(script, keys, arguments)
        finally:
            self._instruments.store_written(time.perf_counter() - began)

    def get(self, key: bytes) -> Stored | None:
        """Read a value, and time it."""
        began = time.perf_counter()
        try:
            return super().get(key)
        finally:
            self._instruments.store_read(time.perf_counter() - began)
