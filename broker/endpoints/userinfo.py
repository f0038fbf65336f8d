"""The userinfo endpoint (OIDC Core §5.3): by GET or POST, the token in the header or in a form, in one way only."""

from __future__ import annotations

import logging
import re

from flask import Blueprint, Response, request

from broker.endpoints.protocol_answers import bearer_error, json_answer, refuse_in_json
from broker.hub import Hub
from broker.limits.limiter import Endpoint
from broker.oidc.errors import (
    BearerError,
    InvalidBearerRequestError,
    MissingTokenError,
    UnreadableParametersError,
)
from broker.oidc.parameters import FORM, parse_parameters
from broker.tokens.userinfo import release_userinfo

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]+) *", re.IGNORECASE)
_log = logging.getLogger(__name__)


def create_userinfo_door(hub: Hub) -> Blueprint:
    """GET and POST `/userinfo`."""
    door = Blueprint("userinfo", __name__)
    refuse_in_json(door)

    @door.route("/userinfo", methods=["GET", "POST"])
    def userinfo() -> Response:
        try:
            token = _presented_token()
            return json_answer(release_userinfo(hub, hub.registry.current(), token, hub.clock()))
        except BearerError as error:
            hub.limits.count_refusal(Endpoint.USERINFO, request.environ)
            _log.info("userinfo refused: %s", error.detail)
            return bearer_error(error)

    return door


def _presented_token() -> str:
    headers, in_body = request.headers.getlist("Authorization"), _token_in_body()
    if not headers and in_body is None:
        raise MissingTokenError
    if len(headers) + (in_body is not None) != 1:
        raise InvalidBearerRequestError("expected the token once")
    if in_body is not None:
        return in_body
    match = _BEARER.fullmatch(headers[0].strip())
    if match is None:
        raise InvalidBearerRequestError("expected the scheme Bearer and a token")
    return match[1]


def _token_in_body() -> str | None:
    if request.method != "POST" or (request.mimetype or "").lower() != FORM:
        return None
    try:
        parameters = parse_parameters(b"", request.get_data(cache=False), request.content_type)
    except UnreadableParametersError as error:
        raise InvalidBearerRequestError(error.detail) from error
    if "access_token" in parameters.faults:
        raise InvalidBearerRequestError("expected a sound access_token, once")
    return parameters.get("access_token")
