"""What reached this provider, for tests that prove what it cannot learn (A-PR-02). Off unless asked for."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from flask import Request

CAPACITY: Final = 2_000
_LONGEST_BODY: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRequest:
    """One request as it came: URL with query, headers in order, body as text."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str


class Recorder:
    """Keeps the latest requests, oldest first."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._requests: deque[ReceivedRequest] = deque(maxlen=CAPACITY)

    def keep(self, request: Request) -> None:
        """Add a request; its body stays readable for the view that follows."""
        self._requests.append(
            ReceivedRequest(
                method=request.method,
                url=request.url,
                headers=tuple((name, value) for name, value in request.headers.items()),
                body=request.get_data(cache=True, as_text=True)[:_LONGEST_BODY],
            )
        )

    def as_json(self) -> list[dict[str, object]]:
        """Give all that was kept."""
        return [asdict(request) for request in tuple(self._requests)]

    def forget(self) -> None:
        """Start again with nothing."""
        self._requests.clear()
