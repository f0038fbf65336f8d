"""Door: the pages about the hub itself, the files they link to, and the pages for refused requests."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import HTTPException

from broker.outcomes import Outcome
from broker.pages.language import (
    LANGUAGE_COOKIE,
    LANGUAGE_COOKIE_SECONDS,
    LANGUAGE_PARAMETER,
    LANGUAGES,
    choose_language,
    other_language,
)
from broker.pages.page_language import STATIC_PAGES
from broker.pages.rendering import Pages
from broker.pages.security import Headers, asset_headers, public_page_headers, security_headers
from broker.pages.views import Chrome
from config.environment import Environment

_REFERENCE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}")

_REFUSALS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.TOO_MANY_REQUESTS,
)


def create_static_pages(pages: Pages) -> Blueprint:
    """Return the routes of the static pages, of `/outcomes/{code}` and of the assets.

    It also answers requests that the application refuses with a page (400, 404, 405, 413, 415, 429); an
    application that needs another answer somewhere registers a more specific handler. The application must
    not serve a static folder of its own.
    """
    blueprint = Blueprint("static_pages", __name__)
    door = _Door(pages)
    for name in STATIC_PAGES:
        path = "/" if name == "home" else f"/{name}"
        blueprint.add_url_rule(path, name, door.static_page, defaults={"name": name})
    blueprint.add_url_rule("/outcomes/<code>", "outcome", door.outcome)
    blueprint.add_url_rule("/static/<name>", "asset", door.asset)
    blueprint.add_url_rule("/favicon.ico", "favicon", door.favicon)
    for status in _REFUSALS:
        blueprint.app_errorhandler(status.value)(door.refused)
    return blueprint


class _Door:
    """The views, around the pages that they show."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._https = pages.settings.https

    def static_page(self, name: str) -> Response:
        return self._answer(
            self._pages.static_page(name, self._chrome()), public_page_headers(https=self._https)
        )

    def outcome(self, code: str) -> Response:
        if code not in list(Outcome):
            abort(404)
        journey = request.args.get("journey", "")
        page = self._pages.outcome(
            Outcome(code), journey if _REFERENCE.fullmatch(journey) else None, self._chrome()
        )
        return self._answer(page, public_page_headers(https=self._https))

    def asset(self, name: str) -> Response:
        asset = self._pages.assets.files.get(name)
        if asset is None:
            abort(404)
        compressed = request.accept_encodings.quality("gzip") > 0
        response = Response(asset.gzipped if compressed else asset.content, content_type=asset.media_type)
        response.headers.extend(asset_headers(https=self._https))
        if compressed:
            response.headers["Content-Encoding"] = "gzip"
        return response

    def favicon(self) -> Response:
        # The one file whose name does not change with its content, so it is asked for again after a day.
        response = self.asset(self._pages.assets.icon)
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response

    def refused(self, error: HTTPException) -> Response:
        status = error.code or HTTPStatus.BAD_REQUEST
        response = Response(
            self._pages.http_error(status, self._chrome(switch=False, reference=_reference())), status
        )
        response.headers.extend(security_headers(https=self._https))
        response.headers.extend(
            (name, value) for name, value in error.get_headers() if name in {"Allow", "Retry-After"}
        )
        return response

    def _chrome(self, *, switch: bool = True, reference: str | None = None) -> Chrome:
        language = choose_language(
            switch=request.args.get(LANGUAGE_PARAMETER),
            cookie=request.cookies.get(LANGUAGE_COOKIE),
            accept_language=request.headers.get("Accept-Language"),
        )
        return Chrome(
            language=language,
            switch_language_url=_switch_url(language) if switch else None,
            local=self._pages.settings.environment is Environment.LOCAL,
            reference=reference,
        )

    def _answer(self, page: str, headers: Headers) -> Response:
        response = Response(page)
        response.headers.extend(headers)
        chosen = request.args.get(LANGUAGE_PARAMETER)
        if chosen in LANGUAGES:
            remember_language(response, chosen, https=self._https)
        return response


def remember_language(response: Response, language: str, *, https: bool) -> None:
    """Keep the language that somebody has just chosen, for a year, in this browser alone."""
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=LANGUAGE_COOKIE_SECONDS,
        secure=https,
        httponly=True,
        samesite="Lax",
    )


def _reference() -> str | None:
    """The journey that the refused request was about, if its address names one."""
    reference = (request.view_args or {}).get("reference", "")
    return reference if _REFERENCE.fullmatch(reference) else None


def _switch_url(language: str) -> str:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != LANGUAGE_PARAMETER]
    return "?" + urlencode([*kept, (LANGUAGE_PARAMETER, other_language(language))])
