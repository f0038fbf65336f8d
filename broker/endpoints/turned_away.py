"""Answers to requests that nobody looks at: too large, or too many at once. Made before they are needed.

Invariant: such an answer costs next to nothing, so that giving it cannot be the flood's aim; people get a page in
their language with the hooks of every failure, services get JSON, and both hear when to come back.
"""

from __future__ import annotations

import json
from http import HTTPStatus

from werkzeug.sansio.http import parse_cookie

from broker.admission import Application, Environ, StartResponse
from broker.endpoints.answers import Front
from broker.journeys.reference import REFERENCE
from broker.pages.language import LANGUAGE_COOKIE, LANGUAGES, choose_language
from broker.pages.security import security_headers
from broker.pages.views import Chrome

RETRY_SECONDS = 5
"""When a turned-away request may come again."""

_LONGEST_COOKIES_READ = 4096
_SIGN_IN = "/sign-in/"
_BY_SERVICES = ("/token", "/userinfo", "/jwks", "/.well-known/", "/health/")
_ERRORS = {
    HTTPStatus.BAD_REQUEST: ("invalid_request", "The request has too many parameters"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("invalid_request", "The request is too large"),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: ("invalid_request", "The request's headers are too large"),
    HTTPStatus.SERVICE_UNAVAILABLE: ("temporarily_unavailable", "The hub is busy. Wait, then try again"),
}
REFUSALS = tuple(_ERRORS)
"""The statuses that there is an answer for."""


class TurnedAway:
    """A WSGI application that gives one refusal to everybody."""

    def __init__(self, front: Front, status: HTTPStatus) -> None:
        """Make the answers in every language."""
        error, description = _ERRORS[status]
        self._front = front
        self._status = status
        self._line = f"{status.value} {status.phrase}"
        self._json = json.dumps({"error": error, "error_description": description}).encode()
        self._pages = {language: self._page(language, None) for language in LANGUAGES}
        # A connection that is closed makes room for one that waits to be accepted.
        busy = [("Retry-After", str(RETRY_SECONDS)), ("Connection", "close")]
        wait = busy if status is HTTPStatus.SERVICE_UNAVAILABLE else []
        self._page_headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            *security_headers(https=front.cookies.secure),
            *wait,
        ]
        self._json_headers = [
            ("Content-Type", "application/json"),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *wait,
        ]

    def __call__(self, environ: Environ, start_response: StartResponse) -> list[bytes]:
        """Answer without looking further than the address and the language."""
        path: str = environ.get("PATH_INFO", "")
        if path.startswith(_BY_SERVICES):
            start_response(self._line, [*self._json_headers, ("Content-Length", str(len(self._json)))])
            return [self._json]
        language = _language(environ)
        reference = _reference(path)
        body = self._pages[language] if reference is None else self._page(language, reference)
        start_response(self._line, [*self._page_headers, ("Content-Length", str(len(body)))])
        return [body]

    def _page(self, language: str, reference: str | None) -> bytes:
        chrome = Chrome(
            language=language, switch_language_url=None, local=self._front.hub.local, reference=reference
        )
        return self._front.pages.http_error(self._status, chrome).encode()


def turned_away(front: Front) -> dict[HTTPStatus, Application]:
    """Every refusal, ready to be given."""
    return {status: TurnedAway(front, status) for status in REFUSALS}


def _language(environ: Environ) -> str:
    cookies: str = environ.get("HTTP_COOKIE", "")
    chosen = None
    if LANGUAGE_COOKIE in cookies and len(cookies) <= _LONGEST_COOKIES_READ:
        chosen = parse_cookie(cookies).get(LANGUAGE_COOKIE)
    return choose_language(cookie=chosen, accept_language=environ.get("HTTP_ACCEPT_LANGUAGE"))


def _reference(path: str) -> str | None:
    named = path.removeprefix(_SIGN_IN).partition("/")[0] if path.startswith(_SIGN_IN) else ""
    return named if REFERENCE.fullmatch(named) else None
