"""Many connections that ask for the same thing again and again, faster than anybody answers."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_TIMEOUT = 30.0
_BETWEEN_PROBES = 0.1


@dataclass(slots=True)
class Seen:
    """What came back: how often each status, and the longest time each took in seconds; 0 is no answer at all."""

    statuses: Counter[int] = field(default_factory=Counter)
    longest: dict[int, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: int, seconds: float) -> None:
        """Take one answer down."""
        with self.lock:
            self.statuses[status] += 1
            self.longest[status] = max(seconds, self.longest.get(status, 0.0))


class Caller:
    """One connection that is kept for as long as the other side keeps it."""

    def __init__(self, url: str) -> None:
        """Connect to nothing yet."""
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT)
        self._path = parts._replace(scheme="", netloc="").geturl()

    def ask(self, headers: Mapping[str, str]) -> int:
        """Ask once; gives the status, or 0 when the connection broke."""
        try:
            self._connection.request("GET", self._path, headers=dict(headers))
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0
        return answer.status

    def close(self) -> None:
        """Let go."""
        self._connection.close()


@contextmanager
def flooding(
    url: str, *, connections: int, source: Callable[[int], str] = lambda _number: "198.51.100.1"
) -> Iterator[Seen]:
    """Ask without pause over so many connections until the block ends; `source` names where each comes from."""
    seen, stop = Seen(), threading.Event()

    def ask(number: int) -> None:
        caller, turn = Caller(url), 0
        while not stop.is_set():
            began = time.monotonic()
            status = caller.ask({"X-Forwarded-For": source(number + turn * connections)})
            seen.note(status, time.monotonic() - began)
            turn += 1
        caller.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def probe(url: str, *, seconds: float, source: str = "203.0.113.99") -> Seen:
    """Ask now and then, each time over a new connection, as somebody does who has no part in the flood."""
    seen, end = Seen(), time.monotonic() + seconds
    while time.monotonic() < end:
        caller, began = Caller(url), time.monotonic()
        seen.note(caller.ask({"X-Forwarded-For": source}), time.monotonic() - began)
        caller.close()
        time.sleep(_BETWEEN_PROBES)
    return seen
