"""The authorization endpoint: where a service sends a citizen (RFC 6749 §3.1, OIDC Core §3.1.2).

Invariant: an unknown client or redirect URI is a page here, never a redirect; with `prompt=none` nothing but a
redirect. A POST may come cross-site without Lax cookies, so it is checked, parked, and continued by GET.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, request

from broker.endpoints.answers import Front, error_redirect, failure_page, language_of_request, redirect
from broker.endpoints.landing import land_held, land_resumed
from broker.events import RequestRefused
from broker.hub import Membership
from broker.journeys.reference import new_reference
from broker.journeys.resuming import resume, usable_session
from broker.journeys.sign_in import Asking, begin
from broker.oidc.authorization_request import AuthorizationRequest
from broker.oidc.errors import (
    LoginRequiredError,
    RedirectableError,
    UnsafeToRedirectError,
)
from broker.oidc.id_token import read_id_token_hint
from broker.oidc.parameters import parse_parameters
from broker.oidc.request_checks import validate_authorization_request
from broker.outcomes import Outcome
from broker.sessions import find_session
from broker.state.handles import Handle, HandleError
from broker.state.store import Kind, StaleVersionError
from config.federation import RelyingService

PARKED_LIFE = timedelta(minutes=2)
ATTEMPTS = 3
"""How often a request looks again when another tab used the session at the same moment."""

_log = logging.getLogger(__name__)


def create_authorize_door(front: Front) -> Blueprint:
    """GET and POST `/authorize`, and the GET that continues a POST."""
    door = Blueprint("authorize", __name__)

    @door.get("/authorize")
    def authorize() -> Response:
        front.hub.limits.count_sign_in(request.environ)
        return _guarded(front, lambda membership: _answer(front, _validated(front, membership)))

    @door.post("/authorize")
    def authorize_by_post() -> Response:
        front.hub.limits.count_sign_in(request.environ)
        return _guarded(front, lambda membership: _park(front, _validated(front, membership)))

    @door.get("/authorize/parked/<text>")
    def continue_parked(text: str) -> Response:
        return _guarded(front, lambda membership: _answer(front, _unparked(front, membership, text)))

    return door


def _guarded(front: Front, answer: Callable[[Membership], Response]) -> Response:
    """The one place where a refused request becomes a page or an error redirect."""
    try:
        return answer(front.hub.registry.current())
    except UnsafeToRedirectError as error:
        _log.info("authorization request refused: %s", error.detail)
        return failure_page(
            front, error.outcome, status=400, reference=None, detail=error.get_error_description()
        )
    except RedirectableError as error:
        _log.info("authorization request refused: %s", error.detail)
        return _refused(front, error)


def _refused(front: Front, error: RedirectableError) -> Response:
    to = error.return_address
    if to is None:
        message = "a redirectable error without a return address"
        raise RuntimeError(message) from error
    reference = new_reference()
    entry = RequestRefused(journey=reference, service=to.client_id, error=error.error)
    with front.hub.work() as work:
        work.journal(entry, at=front.hub.clock())
    return error_redirect(
        front.hub,
        to,
        error=error.error,
        description=error.get_error_description(),
        outcome=error.outcome,
        reference=reference,
    )


def _validated(front: Front, membership: Membership) -> Asking:
    body = request.get_data(cache=False) if request.method == "POST" else None
    parameters = parse_parameters(request.query_string, body, request.content_type)
    service, asked = validate_authorization_request(parameters, membership.federation)
    front.hub.limits.count_service(service.id)
    return _asking(front, membership, service, asked)


def _asking(
    front: Front, membership: Membership, service: RelyingService, asked: AuthorizationRequest
) -> Asking:
    hinted = None
    if asked.id_token_hint is not None:
        hint = read_id_token_hint(
            asked.id_token_hint, keys=front.hub.signing, issuer=front.hub.issuer, audience=service.id
        )
        hinted = None if hint is None else hint.subject
    return Asking(
        membership=membership,
        service=service,
        request=asked,
        language=language_of_request(asked.ui_locales),
        now=front.hub.clock(),
        hinted_subject=hinted,
    )


def _answer(front: Front, asking: Asking) -> Response:
    try:
        return _resumed(front, asking) or _begun(front, asking)
    except RedirectableError as error:
        error.return_address = asking.request.return_address
        raise


def _resumed(front: Front, asking: Asking) -> Response | None:
    for _ in range(ATTEMPTS):
        with front.hub.reading() as reads:
            session = find_session(reads, front.hub.envelopes, front.cookies.session(request), asking.now)
        accepted = usable_session(front.hub, asking, session)
        if session is None or accepted is None:
            return None
        try:
            settled = resume(front.hub, asking, session, accepted)
        except StaleVersionError:
            continue
        return land_resumed(front, settled, session.handle)
    return None


def _begun(front: Front, asking: Asking) -> Response:
    if asking.request.silent:
        raise LoginRequiredError
    held = begin(front.hub, asking)
    return land_held(front, held, departing=True)


def _park(front: Front, asking: Asking) -> Response:
    handle = Handle.new()
    with front.hub.work() as work:
        front.hub.envelopes.put(
            work.writes, Kind.PARKED, handle, asking.request.to_json(), asking.now + PARKED_LIFE
        )
    return redirect(f"/authorize/parked/{handle}")


def _unparked(front: Front, membership: Membership, text: str) -> Asking:
    now = front.hub.clock()
    try:
        handle = Handle.parse(text)
    except HandleError as error:
        raise ParkedRequestGoneError from error
    with front.hub.reading() as reads:
        opened = front.hub.envelopes.read(reads, Kind.PARKED, handle, now)
    if opened is None:
        raise ParkedRequestGoneError
    try:
        with front.hub.work() as work:
            work.writes.claim(
                handle.key,
                expected_version=opened.version,
                now=int(now.timestamp()),
                lease_seconds=int(PARKED_LIFE.total_seconds()),
            )
    except StaleVersionError as error:
        raise ParkedRequestGoneError from error
    asked = AuthorizationRequest.from_json(opened.content)
    service = membership.federation.services.get(asked.client_id)
    if service is None or asked.redirect_uri not in service.redirect_uris:
        raise ParkedRequestGoneError
    return _asking(front, membership, service, asked)


class ParkedRequestGoneError(UnsafeToRedirectError):
    """The address that continues a POST was used, or is too old: the service must ask again."""

    description = "This sign-in was already continued or has expired. Go back to the service and start again"
    outcome = Outcome.EXPIRED
