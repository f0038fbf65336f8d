"""A provider that keeps failing is left alone for a while: people are told at once instead of waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable

from idp_adapters.errors import ProviderUnavailableError


class CircuitBreaker:
    """Opens after `failures` unavailabilities in a row; after `pause` seconds one call may try again."""

    def __init__(self, *, failures: int, pause: float, clock: Callable[[], float]) -> None:
        self._limit = failures
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._closed_to_calls_until = 0.0

    def admit(self) -> None:
        """Let a call through; raises `ProviderUnavailableError` while the breaker is open."""
        if self._in_a_row < self._limit:
            return
        with self._lock:
            if self._in_a_row < self._limit:
                return
            now = self._clock()
            if now < self._closed_to_calls_until:
                raise ProviderUnavailableError(f"not asked: the last {self._in_a_row} calls failed")
            # The trial holds the door for one more pause: if it never reports back, another may try then.
            self._closed_to_calls_until = now + self._pause

    def answered(self) -> None:
        """The provider answered, whatever it said."""
        if self._in_a_row:
            with self._lock:
                self._in_a_row = 0

    def failed(self) -> None:
        """The provider did not answer."""
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row >= self._limit:
                self._closed_to_calls_until = self._clock() + self._pause

    @property
    def is_tripped(self) -> bool:
        """Whether the last calls failed: calls are refused, or one of them is let through as a trial."""
        return self._in_a_row >= self._limit

    @property
    def is_open(self) -> bool:
        """Whether calls are refused at this moment."""
        return self._in_a_row >= self._limit and self._clock() < self._closed_to_calls_until
