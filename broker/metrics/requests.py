"""Requests measured where they enter: outside of everything that may refuse them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from broker.admission import Application, Environ, StartResponse
from broker.metrics.instruments import Instruments

_NOWHERE = "none"


class MeasuredRequests:
    """WSGI middleware that counts every request and its time under its endpoint's name, never its path."""

    def __init__(self, application: Application, instruments: Instruments) -> None:
        """Wrap an application."""
        self._application = application
        self._instruments = instruments

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the application does."""
        endpoint, status = _NOWHERE, "500"

        def started(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:  # noqa: ANN401 - PEP 3333
            nonlocal endpoint, status
            # Asked for now, because Flask lets go of its request before we hear of the end.
            endpoint, status = _endpoint(environ), line[:3]
            return (
                start_response(line, headers) if exc_info is None else start_response(line, headers, exc_info)
            )

        began = time.perf_counter()
        try:
            return self._application(environ, started)
        finally:
            self._instruments.request_ended(endpoint, status, time.perf_counter() - began)


def _endpoint(environ: Environ) -> str:
    """The endpoint that Flask found for a request; `none` when it found none or was not asked."""
    request = environ.get("werkzeug.request")
    endpoint = None if request is None else request.endpoint
    return endpoint or _NOWHERE
