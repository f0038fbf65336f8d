"""Answers that several doors give: pages with their headers, and redirects back to a service.

Invariant: a redirect after a form is 303; every page that has to do with a person is no-store and framed nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from broker.endpoints.browser import Cookies
from broker.hub import Hub
from broker.journeys.journey import SignIn
from broker.oidc.authorization_response import error_url
from broker.oidc.errors import ReturnAddress
from broker.outcomes import Outcome
from broker.pages.language import (
    LANGUAGE_COOKIE,
    LANGUAGE_PARAMETER,
    LANGUAGES,
    choose_language,
    other_language,
)
from broker.pages.rendering import Pages
from broker.pages.security import security_headers
from broker.pages.static_pages import remember_language
from broker.pages.views import Chrome, FailureView, NoticeView

_DESCRIPTIONS = {
    Outcome.CANCELLED_BY_CITIZEN: "The citizen cancelled",
    Outcome.REFUSED_BY_CITIZEN: "The citizen chose not to share",
    Outcome.IDENTITY_NOT_PROVED: "The provider could not prove the identity",
    Outcome.LEVEL_NOT_REACHED: "The level that is needed was not reached",
    Outcome.NO_ELIGIBLE_PROVIDER: "No provider can reach the level that is needed",
    Outcome.PROVIDER_UNAVAILABLE: "The provider is not answering",
    Outcome.PROVIDER_BUSY: "The provider is busy",
    Outcome.PROVIDER_ERROR: "The provider gave an answer that cannot be used",
    Outcome.PROVIDER_SUSPENDED: "The provider is suspended",
    Outcome.PROVIDER_BLOCKED_BY_CITIZEN: "The citizen blocked the provider",
    Outcome.DIFFERENT_PERSON: "Another person signed in",
    Outcome.EXPIRED: "The journey ran out of time",
    Outcome.SERVICE_REQUEST_INVALID: "The request is not valid",
    Outcome.HUB_ERROR: "The hub could not complete the request",
    Outcome.COMPLETED: "Completed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What every door that faces a browser needs."""

    hub: Hub
    pages: Pages
    cookies: Cookies


def language_of_request(ui_locales: tuple[str, ...] = ()) -> str:
    """The language of this answer."""
    return choose_language(
        switch=request.args.get(LANGUAGE_PARAMETER),
        cookie=request.cookies.get(LANGUAGE_COOKIE),
        ui_locales=" ".join(ui_locales),
        accept_language=request.headers.get("Accept-Language"),
    )


def chrome(
    front: Front,
    language: str,
    *,
    reference: str | None,
    targets: tuple[str, ...] = (),
    switchable: bool = True,
) -> Chrome:
    """What surrounds a page; the language switch is offered where asking again repeats no action."""
    other = other_language(language)
    return Chrome(
        language=language,
        switch_language_url=f"{request.path}?{LANGUAGE_PARAMETER}={other}" if switchable else None,
        local=front.hub.local,
        reference=reference,
        form_targets=targets,
    )


def page(front: Front, html: str, *, status: int = 200, targets: tuple[str, ...] = ()) -> Response:
    """A page about a person's journey; remembers the language when it was just switched."""
    response = Response(html, status=status, content_type="text/html; charset=utf-8")
    for name, value in security_headers(https=front.cookies.secure, form_targets=targets):
        response.headers[name] = value
    switched = request.args.get(LANGUAGE_PARAMETER)
    if switched in LANGUAGES:
        remember_language(response, switched, https=front.cookies.secure)
    return response


def redirect(url: str) -> Response:
    """See another address, always by GET (RFC 9110 §15.4.4); never stored, never referred to."""
    response = Response(status=303)
    response.headers["Location"] = url
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def error_address(hub: Hub, sign_in: SignIn, outcome: Outcome) -> str:
    """Where the service hears how a journey ended."""
    return error_url(
        sign_in.request.return_address,
        issuer=hub.issuer,
        error=outcome.oauth_error or "server_error",
        description=_DESCRIPTIONS[outcome],
        outcome=outcome,
        reference=sign_in.reference,
    )


def error_redirect(
    hub: Hub, to: ReturnAddress, *, error: str, description: str, outcome: Outcome, reference: str
) -> Response:
    """Send an error to the client's registered redirect URI."""
    return redirect(
        error_url(
            to, issuer=hub.issuer, error=error, description=description, outcome=outcome, reference=reference
        )
    )


def failure_page(
    front: Front,
    outcome: Outcome,
    *,
    status: int,
    reference: str | None,
    detail: str | None = None,
    return_url: str | None = None,
    service: str | None = None,
) -> Response:
    """A failure outside a journey that can go on: what happened, whose part it was, and the way back if any."""
    language = language_of_request()
    view = FailureView(
        outcome=outcome,
        party=outcome.party,
        service=service,
        provider=None,
        try_another_action=None,
        form_token=None,
        return_url=return_url,
        other_ways=None,
        detail=detail,
    )
    html = front.pages.failure(view, chrome(front, language, reference=reference, switchable=False))
    return page(front, html, status=status)


def notice_page(front: Front, view: NoticeView, *, reference: str | None, status: int = 200) -> Response:
    """A short page about where a journey stands."""
    language = language_of_request()
    html = front.pages.notice(view, chrome(front, language, reference=reference, switchable=False))
    return page(front, html, status=status)
