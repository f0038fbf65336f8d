"""How large a request may be before anybody reads it (attack A-OP-07).

Invariant: what passes here can be taken apart in milliseconds; the limits of each protocol's own parameters, which are
tighter, stand with their parsers. The server itself refuses more than 64 KiB of header lines before we hear of them.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from broker.admission import Application, Environ, StartResponse

LARGEST_BODY = 256 * 1024
"""Bytes: a SAML answer by form post is the largest thing that anybody sends us."""
LARGEST_COOKIES = 16 * 1024
"""Bytes of all cookies: ten journeys and a session take two thousand."""
MOST_PARAMETERS = 250
"""In a query string; an authorization request may have a hundred."""
_MOST_DIGITS = 18


class Bounds:
    """WSGI middleware that refuses what is too large by its headers alone; `refuse` gives the answer for a status."""

    def __init__(self, application: Application, refuse: dict[HTTPStatus, Application]) -> None:
        """Wrap an application; `refuse` has an answer for 400, 413 and 431."""
        self._application = application
        self._refuse = refuse

    def __call__(self, environ: Environ, start_response: StartResponse) -> Any:  # noqa: ANN401 - as the application
        """Pass the request on, or say at once what is too large about it."""
        fault = excess(environ)
        application = self._application if fault is None else self._refuse[fault]
        return application(environ, start_response)


def excess(environ: Environ) -> HTTPStatus | None:
    """What a request is refused with for its size; None when it may be read."""
    if len(environ.get("HTTP_COOKIE", "")) > LARGEST_COOKIES:
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    if environ.get("QUERY_STRING", "").count("&") >= MOST_PARAMETERS:
        return HTTPStatus.BAD_REQUEST
    length = environ.get("CONTENT_LENGTH", "")
    if length and not (length.isascii() and length.isdigit()):
        return HTTPStatus.BAD_REQUEST
    # Compared by its digits first: Python reads no integer of thousands of them.
    if len(length) > _MOST_DIGITS or (length and int(length) > LARGEST_BODY):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return None
