"""What goes on behind a journey in the browser: every request, every complaint.

Invariant: a test that did not say otherwise saw no failed request, no error status, no message in the console, and
nobody spoken to outside the federation.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

_LOWEST_ERROR = 400
_ABORTED = "net::ERR_ABORTED"
_STATUS_COMPLAINT = "Failed to load resource: the server responded with a status of "


class Watch:
    """Looks over one browser's shoulder from its first page to its last."""

    def __init__(self, context: BrowserContext, allowed: Collection[str]) -> None:
        """Begin; `allowed` are the origins that anything may be asked of."""
        self._allowed = frozenset(allowed)
        self._expected: set[int] = set()
        self._interrupted = False
        self._foretold: tuple[str, ...] = ()
        self._statuses: list[tuple[int, str]] = []
        self._complaints: list[str] = []
        self.requests: list[Request] = []
        context.on("request", self._asked)
        context.on("response", self._answered)
        context.on("requestfailed", self._failed)
        context.on("console", self._said)
        context.on("weberror", self._threw)

    def expect(self, *statuses: int) -> None:
        """Say that this test leads to error statuses."""
        self._expected.update(statuses)

    def expect_interruption(self) -> None:
        """Say that this test leaves pages before they have arrived."""
        self._interrupted = True

    def foretell(self, *parts: str) -> None:
        """Say that this test leads to complaints which contain one of these texts."""
        self._foretold += parts

    def troubles(self) -> list[str]:
        """Everything that went wrong and was not foretold."""
        statuses = [f"{status} {url}" for status, url in self._statuses if status not in self._expected]
        complaints = [it for it in self._complaints if not any(part in it for part in self._foretold)]
        return [*statuses, *complaints]

    def navigations(self) -> list[Request]:
        """The requests for pages, redirects included, in order."""
        return [request for request in self.requests if request.is_navigation_request()]

    def _asked(self, request: Request) -> None:
        self.requests.append(request)
        parts = urlsplit(request.url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}" not in self._allowed:
            self._complaints.append(f"asked a stranger: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= _LOWEST_ERROR:
            self._statuses.append((response.status, response.url))

    def _failed(self, request: Request) -> None:
        # An icon that is still on its way when somebody goes on is nobody's trouble.
        left_behind = self._interrupted or not request.is_navigation_request()
        if not (left_behind and request.failure == _ABORTED):
            self._complaints.append(f"failed: {request.method} {request.url}: {request.failure}")

    def _said(self, message: ConsoleMessage) -> None:
        status = message.text.removeprefix(_STATUS_COMPLAINT)[:3]
        foretold = message.text.startswith(_STATUS_COMPLAINT) and status.isdigit()
        if not (foretold and int(status) in self._expected):
            self._complaints.append(f"console {message.type}: {message.text}")

    def _threw(self, error: WebError) -> None:
        self._complaints.append(f"script: {error.error}")
