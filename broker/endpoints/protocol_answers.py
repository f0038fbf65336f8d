"""Answers to services' own calls: JSON, never stored, errors in the standard's form (RFC 6749 §5, RFC 6750 §3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from broker.oidc.errors import BearerError, DirectError


def json_answer(body: Mapping[str, object], *, status: int = 200, max_age: int | None = None) -> Response:
    """A JSON answer; private unless `max_age` (seconds) says that it is the same for everybody."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store" if max_age is None else f"public, max-age={max_age}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if max_age is None:
        response.headers["Pragma"] = "no-cache"
    return response


def direct_error(error: DirectError) -> Response:
    """An error in the body of the answer."""
    body = {"error": error.error, "error_description": error.get_error_description()}
    response = json_answer(body, status=error.status_code)
    for name, value in error.get_headers():
        response.headers[name] = value
    return response


def bearer_error(error: BearerError) -> Response:
    """A challenge; the body says the same as the header, for clients that read only one."""
    parameters = ['realm="countersign"']
    body: dict[str, object] = {}
    if error.error:
        parameters += [f'error="{error.error}"', f'error_description="{error.get_error_description()}"']
        body = {"error": error.error, "error_description": error.get_error_description()}
    response = json_answer(body, status=error.status_code)
    response.headers["WWW-Authenticate"] = f"Bearer {', '.join(parameters)}"
    return response


def refuse_in_json(door: Blueprint) -> None:
    """Answer what this door refuses before it has looked at it in JSON, where people get a page."""
    for status, (error, description) in _REFUSALS.items():

        def refused(refusal: HTTPException, *, body: Mapping[str, str]) -> Response:
            response = json_answer(body, status=refusal.code or HTTPStatus.BAD_REQUEST)
            response.headers.extend(
                (name, value) for name, value in refusal.get_headers() if name in {"Allow", "Retry-After"}
            )
            return response

        body = {"error": error, "error_description": description}
        door.register_error_handler(status.value, partial(refused, body=body))


_REFUSALS: Final[Mapping[HTTPStatus, tuple[str, str]]] = {
    HTTPStatus.BAD_REQUEST: ("invalid_request", "The request cannot be read"),
    HTTPStatus.METHOD_NOT_ALLOWED: ("invalid_request", "The method is not allowed"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("invalid_request", "The request is too large"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("invalid_request", "The content type is not accepted"),
    # RFC 6749 has no error for it; clients know this one, and what to do.
    HTTPStatus.TOO_MANY_REQUESTS: (
        "temporarily_unavailable",
        "Too many requests were refused. Wait, then try again",
    ),
}
