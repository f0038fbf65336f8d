"""What becomes of a request that no door has answered: one place where failures are turned into answers.

Invariant: nobody outside sees more than what happened and whose part it was; details are in the log.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from broker.endpoints.answers import Front, failure_page
from broker.endpoints.protocol_answers import json_answer
from broker.journeys.reference import REFERENCE
from broker.outcomes import Outcome
from broker.registry_revisions import NoRegistryError
from broker.state.store import StoreUnavailableError

_RETRY_SECONDS = "5"
_CALLED_BY_SERVICES = frozenset({"token", "userinfo", "metadata", "health"})
_log = logging.getLogger(__name__)


def refuse_bodiless_look_alikes(app: Flask) -> None:
    """HEAD runs a GET's view in Flask: where a GET begins or moves something, that would be a change (A-OP-09)."""
    moving = {"authorize", "sign_in", "callback", "userinfo"}

    @app.before_request
    def no_head_where_get_acts() -> None:
        if request.method == "HEAD" and request.blueprint in moving:
            raise MethodNotAllowed(valid_methods=["GET", "POST"])


def own_every_failure(app: Flask, front: Front) -> None:
    """Whatever nobody foresaw is the hub's own failure: a plain page or the standard's error, details in the log."""

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response | HTTPException:
        if isinstance(error, HTTPException):
            return error
        _log.error("unforeseen failure at %s", request.endpoint, exc_info=error)
        unavailable = isinstance(error, SQLAlchemyError | NoRegistryError | StoreUnavailableError)
        status = HTTPStatus.SERVICE_UNAVAILABLE if unavailable else HTTPStatus.INTERNAL_SERVER_ERROR
        if request.blueprint in _CALLED_BY_SERVICES:
            code = "temporarily_unavailable" if unavailable else "server_error"
            response = json_answer({"error": code}, status=status)
        else:
            response = failure_page(front, Outcome.HUB_ERROR, status=status, reference=_reference())
        if unavailable:
            response.headers["Retry-After"] = _RETRY_SECONDS
        return response


def _reference() -> str | None:
    """The journey that the failing request was about, if its address names one."""
    reference = (request.view_args or {}).get("reference", "")
    return reference if REFERENCE.fullmatch(reference) else None
