"""How many requests one worker takes on at a time, so that a flood gets quick refusals instead of memory.

Invariant: at most `at_work` requests are worked on and at most `waiting` stand in line, first come first served, none
longer than `PATIENCE_SECONDS` and no source with more than its share; every other one is answered at once. Health and
public keys are always answered. A request that the worker has accepted holds one of its server's threads, so
`Places.threads` leaves some for saying no.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

PATIENCE_SECONDS = 3.0
"""How long a request waits for its turn: longer than a burst takes, shorter than people wait before they try again."""

SWITCH_SECONDS = 0.001
"""After how long a thread that computes lets another go on, where more than one can (Python's own: 5 ms).

A request asks for the interpreter some twenty times, after every statement and signature. While 200 connections
flooded a worker, one from elsewhere took 10 s with 32 threads computing in turns of 5 ms, 1.7 s with 8 threads, and
0.35 s with 8 threads in turns of 1 ms; without a flood a sign-in costs the same either way.
"""

_TURNS = 8
_WAITING_FOR_EACH = 4
_SHARES = 4
_SPARE = 16
_ALWAYS_ANSWERED = ("/health/", "/jwks", "/.well-known/")
"""Health, and what providers and services fetch before they answer a request that holds a place here."""

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What one worker takes on.

    Of those at work, `turns` compute at a time; of those who wait, `share` may come from one source.
    """

    at_work: int
    turns: int
    waiting: int
    share: int

    @classmethod
    def working(cls, at_work: int) -> Places:
        """So many at work, four times as many in line behind them, a quarter of the line for each source."""
        waiting = _WAITING_FOR_EACH * at_work
        turns = min(_TURNS, at_work)
        return cls(at_work=at_work, turns=turns, waiting=waiting, share=max(1, waiting // _SHARES))

    @property
    def threads(self) -> int:
        """Threads that the server needs; most of them exist only while there are requests for them."""
        return self.at_work + self.waiting + _SPARE


@dataclass(slots=True, eq=False)
class _Turn:
    """One request in line: its lock is released by whoever gives it the place."""

    source: str | None
    lock: threading.Lock = field(default_factory=threading.Lock)
    come: bool = False


class Line:
    """The places of one worker and the line for them; safe for many threads."""

    def __init__(self, places: Places) -> None:
        """Begin empty."""
        self._places = places
        self._lock = threading.Lock()
        self._free = places.at_work
        self._line: deque[_Turn] = deque()
        self._sources: Counter[str] = Counter()

    def enter(self, source: Callable[[], str | None], *, patience: float) -> bool:
        """Take a place, after waiting for it if need be; False when there is none. Then `leave` must follow.

        `source` is asked only where there is a line.
        """
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            if len(self._line) >= self._places.waiting:
                return False
            turn = _Turn(source=source())
            if turn.source is not None:
                if self._sources[turn.source] >= self._places.share:
                    return False
                self._sources[turn.source] += 1
            turn.lock.acquire()
            self._line.append(turn)
        turn.lock.acquire(timeout=patience)
        with self._lock:
            self._forget(turn)
            return turn.come

    def leave(self) -> None:
        """Give the place to the first in line."""
        with self._lock:
            if not self._line:
                self._free += 1
                return
            turn = self._line.popleft()
            turn.come = True
            turn.lock.release()

    @property
    def at_work(self) -> int:
        """How many requests are being worked on."""
        return self._places.at_work - self._free

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return len(self._line)

    def _forget(self, turn: _Turn) -> None:
        if not turn.come:
            self._line.remove(turn)
        if turn.source is not None:
            self._sources[turn.source] -= 1
            if not self._sources[turn.source]:
                del self._sources[turn.source]


class Turns:
    """Turns at computing: few of those at work compute at a time, the others wait for a provider.

    One interpreter computes for one of them anyway; many that contend for it wait for each other at every statement
    and every signature, each time for all. A turn is given away for as long as its request waits outside.
    """

    def __init__(self, turns: int) -> None:
        """Begin with all of them free."""
        self._free = threading.BoundedSemaphore(turns)
        self._own = threading.local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Compute when it is this thread's turn."""
        with self._free:
            self._own.held = True
            try:
                yield
            finally:
                self._own.held = False

    @contextmanager
    def given_away(self) -> Iterator[None]:
        """Let others compute until the block ends; does nothing in a thread that has no turn."""
        if not getattr(self._own, "held", False):
            yield
            return
        self._free.release()
        try:
            yield
        finally:
            self._free.acquire()


class Admission:
    """WSGI middleware that lets requests in one by one; `turn_away` answers those for whom there is no room."""

    def __init__(
        self,
        application: Application,
        turn_away: Application,
        line: Line,
        turns: Turns,
        *,
        source: Callable[[Environ], str | None],
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """Wrap an application; `source` names where a request comes from, None where that is not known."""
        self._application = application
        self._turn_away = turn_away
        self._line = line
        self._turns = turns
        self._source = source
        self._patience = patience

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request now, after a short wait, or with a refusal."""
        path: str = environ.get("PATH_INFO", "")
        if path.startswith(_ALWAYS_ANSWERED):
            return self._application(environ, start_response)
        if not self._line.enter(lambda: self._source(environ), patience=self._patience):
            return self._turn_away(environ, start_response)
        try:
            with self._turns.taken():
                return self._application(environ, start_response)
        finally:
            self._line.leave()
