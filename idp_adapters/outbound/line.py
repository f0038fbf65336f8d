"""One provider's line: so many calls at once, so many more in the queue, and a breaker.

Invariant: whoever queues does so only while the wait promises to be short; a provider that has become slow is said
to be busy at once, so that it never holds more threads than its own calls.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from idp_adapters.errors import ProviderBusyError
from idp_adapters.outbound.breaker import CircuitBreaker

_WEIGHT_OF_THE_LAST_CALL = 0.2


class Line:
    """What one provider has of us; safe for many threads.

    `calls` may be under way at once; `queue` more may wait for `patience` seconds, as long as calls lately were short
    enough for that wait to be enough.
    """

    def __init__(
        self, *, calls: int, queue: int, patience: float, breaker: CircuitBreaker, clock: Callable[[], float]
    ) -> None:
        """Open the line; nobody is in it."""
        self.breaker = breaker
        self._limit = calls
        self._places = threading.BoundedSemaphore(calls + queue)
        self._calls = threading.BoundedSemaphore(calls)
        self._patience = patience
        self._clock = clock
        self._usual_seconds = 0.0
        self._waiting = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one of the calls; raises `ProviderBusyError` when there is none to be had soon."""
        if not self._places.acquire(blocking=False):
            raise ProviderBusyError(f"{self._limit} calls are under way, and the queue is full")
        try:
            self._get_a_call()
            began = self._clock()
            try:
                yield
            finally:
                self._calls.release()
                self._learn(self._clock() - began)
        finally:
            self._places.release()

    def _get_a_call(self) -> None:
        if self._calls.acquire(blocking=False):
            return
        if (self._waiting + 1) * self._usual_seconds / self._limit > self._patience:
            raise ProviderBusyError(f"{self._limit} calls are under way, each of {self._usual_seconds:.1f} s")
        self._waiting += 1
        try:
            if not self._calls.acquire(timeout=self._patience):
                # Whoever comes next need not find out again; calls that end quickly open the queue before long.
                self._usual_seconds = max(self._usual_seconds, 2 * self._patience * self._limit)
                raise ProviderBusyError(f"{self._limit} calls are under way for more than {self._patience} s")
        finally:
            self._waiting -= 1

    def _learn(self, seconds: float) -> None:
        """Remember how long calls take lately; a lost update between threads only makes it a little older."""
        self._usual_seconds += _WEIGHT_OF_THE_LAST_CALL * (seconds - self._usual_seconds)
