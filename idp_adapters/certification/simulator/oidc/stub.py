"""The simulated OpenID Provider's doors: each reads a request, asks `SimulatedProvider`, and answers.

create_oidc_stub("http://localhost:8401").test_client().get("/.well-known/openid-configuration")
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, request

from idp_adapters.certification.simulator.errors import (
    SimulatorError,
    UnknownOutcomeError,
    UnknownPersonaError,
)
from idp_adapters.certification.simulator.oidc.authorization_request import (
    AuthorizationRequest,
    parse_authorization_request,
    parse_return_address,
)
from idp_adapters.certification.simulator.oidc.discovery import provider_metadata
from idp_adapters.certification.simulator.oidc.errors import (
    AuthorizationError,
    BearerError,
    TokenError,
    UntrustedRequestError,
)
from idp_adapters.certification.simulator.oidc.options import StubOptions, parse_issuer
from idp_adapters.certification.simulator.oidc.outcomes import parse_outcome
from idp_adapters.certification.simulator.oidc.pages import (
    CONTENT_SECURITY_POLICY,
    problem_page,
    sign_in_page,
)
from idp_adapters.certification.simulator.oidc.parameters import Parameters, parse_parameters
from idp_adapters.certification.simulator.oidc.provider import SESSION_LIFETIME, Answer, SimulatedProvider
from idp_adapters.certification.simulator.oidc.received import Recorder
from idp_adapters.certification.simulator.oidc.token_answers import token_answer
from idp_adapters.certification.simulator.personas import DEFAULT_PERSONA

if TYPE_CHECKING:
    from collections.abc import Callable

PERSONA_HEADER: Final = "X-Stub-Persona"
OUTCOME_HEADER: Final = "X-Stub-Outcome"
_LARGEST_BODY: Final = 256 * 1024
_CHOICES: Final = ("persona", "outcome")


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_oidc_stub(
    issuer: str, *, options: StubOptions | None = None, clock: Callable[[], datetime] = _utc_now
) -> Flask:
    """Build a provider under this issuer, with new keys and nobody signed in. Raises `IssuerError`."""
    options = options or StubOptions()
    provider = SimulatedProvider(parse_issuer(issuer), options)
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=_LARGEST_BODY, MAX_FORM_MEMORY_SIZE=_LARGEST_BODY)
    prefix = urlsplit(issuer).path
    doors = Blueprint("oidc_stub", __name__, url_prefix=prefix or None)
    _publish_metadata(doors, provider)
    _open_sign_in(doors, provider, clock, f"{prefix}/sign-in")
    _open_back_channel(doors, provider, clock)
    if options.record:
        _open_recorder(app, doors, f"{prefix}/received")
    app.register_blueprint(doors)
    _show_errors(app)
    return app


def _publish_metadata(doors: Blueprint, provider: SimulatedProvider) -> None:
    metadata = json.dumps(provider_metadata(provider.issuer))
    keys = json.dumps(provider.keys.as_jwks())

    @doors.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        return _public(metadata, "application/json")

    @doors.get("/jwks")
    def jwks() -> Response:
        return _public(keys, "application/jwk-set+json")


def _open_sign_in(
    doors: Blueprint, provider: SimulatedProvider, clock: Callable[[], datetime], sign_in_path: str
) -> None:
    cookie = _cookie_name(provider.issuer)

    def ask_or_answer(asked: AuthorizationRequest) -> Answer | None:
        """Answer at once for a test driver that names a persona, else for somebody signed in, else ask."""
        if PERSONA_HEADER in request.headers or OUTCOME_HEADER in request.headers:
            return sign_in_now(
                asked, request.headers.get(PERSONA_HEADER, ""), request.headers.get(OUTCOME_HEADER, "")
            )
        return provider.answer_silently(asked, request.cookies.get(cookie, ""), now=clock())

    def sign_in_now(asked: AuthorizationRequest, persona: str, outcome: str) -> Answer:
        return provider.sign_in(asked, persona or DEFAULT_PERSONA, parse_outcome(outcome), now=clock())

    def respond(parameters: Parameters, decide: Callable[[AuthorizationRequest], Answer | None]) -> Response:
        to = parse_return_address(parameters, provider.options)
        try:
            asked = parse_authorization_request(parameters, to)
            answer = decide(asked)
        except AuthorizationError as error:
            return _send(provider.refuse(to, error), cookie, secure=provider.issuer.startswith("https:"))
        if answer is None:
            return _page(sign_in_page(asked, issuer=provider.issuer, action=sign_in_path))
        return _send(answer, cookie, secure=provider.issuer.startswith("https:"))

    @doors.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Response:
        form = request.form if request.method == "POST" else request.args
        return respond(parse_parameters(form.items(multi=True)).without(*_CHOICES), ask_or_answer)

    @doors.post("/sign-in")
    def sign_in() -> Response:
        form = parse_parameters(request.form.items(multi=True))
        return respond(
            form.without(*_CHOICES),
            lambda asked: sign_in_now(asked, form.get("persona"), form.get("outcome")),
        )


def _open_back_channel(doors: Blueprint, provider: SimulatedProvider, clock: Callable[[], datetime]) -> None:
    @doors.post("/token")
    def token() -> Response:
        parameters = parse_parameters(request.form.items(multi=True))
        response = provider.redeem(parameters, request.headers.get("Authorization", ""), now=clock())
        return _uncached(token_answer(response, slow_seconds=provider.options.slow_seconds))

    @doors.route("/userinfo", methods=["GET", "POST"])
    def userinfo() -> Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        access_token = token if scheme.lower() == "bearer" else request.form.get("access_token", "")
        claims = provider.userinfo(access_token, now=clock())
        return _uncached(Response(json.dumps(claims, ensure_ascii=False), mimetype="application/json"))


def _open_recorder(app: Flask, doors: Blueprint, path: str) -> None:
    recorder = Recorder()

    @app.before_request
    def record() -> None:
        if request.path != path:
            recorder.keep(request)

    @doors.get("/received")
    def received() -> Response:
        return _uncached(Response(json.dumps(recorder.as_json()), mimetype="application/json"))

    @doors.delete("/received")
    def forget() -> Response:
        recorder.forget()
        return Response(status=204)


def _show_errors(app: Flask) -> None:
    """Map each kind of error to its response, in this one place."""

    def show_problem(error: SimulatorError) -> Response:
        return _page(problem_page(error.description), status=400)

    for cause in (UntrustedRequestError, UnknownPersonaError, UnknownOutcomeError):
        app.register_error_handler(cause, show_problem)

    @app.errorhandler(TokenError)
    def refuse_tokens(error: TokenError) -> Response:
        body = json.dumps({"error": error.code, "error_description": error.description})
        response = Response(body, status=error.status, mimetype="application/json")
        if error.status == 401:  # noqa: PLR2004 - Unauthorized
            response.headers["WWW-Authenticate"] = 'Basic realm="token"'
        return _uncached(response)

    @app.errorhandler(BearerError)
    def refuse_claims(error: BearerError) -> Response:
        challenge = f'Bearer error="{error.code}", error_description="{error.description}"'
        return _uncached(Response(status=401, headers={"WWW-Authenticate": challenge}))


def _send(answer: Answer, cookie: str, *, secure: bool) -> Response:
    # 303: a form that was posted here must never be posted on to the client; RFC 9700 §4.12.
    response = _uncached(Response(status=303, headers={"Location": answer.location}))
    if answer.session:
        response.set_cookie(
            cookie,
            answer.session,
            max_age=SESSION_LIFETIME,
            httponly=True,
            samesite="Lax",
            secure=secure,
            path="/",
        )
    return response


def _page(html: str, *, status: int = 200) -> Response:
    response = _uncached(Response(html, status=status, mimetype="text/html"))
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _public(body: str, mimetype: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _cookie_name(issuer: str) -> str:
    """Name this provider's cookie apart from all others: cookies ignore ports, a demo is on one host."""
    prefix = "__Host-" if issuer.startswith("https:") else ""
    return f"{prefix}stub-oidc-{hashlib.sha256(issuer.encode()).hexdigest()[:8]}"
