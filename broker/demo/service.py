"""A relying service of the demonstration, written as its own team would write it.

Nobody is signed in before every check of `hub_client` has passed, and what failed is told on the page. Run
one with

    python -m broker.demo.service --client-id fishing-licence --issuer http://localhost:8400 \
        --own-url http://localhost:8410 --bind 127.0.0.1:8410 --state-dir .demo/services/fishing-licence

`/start` hands the parameters of `hub_client.PASSED_ON` on to the hub when its own query has them, which is
for trying things out: `/start?prompt=login`, `/start?acr_values=` (asks for no level). The service still
accepts no lower level.
"""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import click
from flask import Flask, Response, redirect, render_template, request, session
from werkzeug.datastructures import MultiDict
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response as AnyResponse

from broker.demo.catalogue import SERVICES, Presentation, presentation_of
from broker.demo.client_key import ALGORITHM, load_or_create, public_jwks
from broker.demo.errors import (
    HubAnswerError,
    RefusedByHubError,
    ServiceKeyError,
    SignInError,
    StateMismatchError,
)
from broker.demo.hub_client import PASSED_ON, HubClient, Registration
from broker.demo.id_token import ALGORITHMS
from broker.demo.sessions import InMemorySessions, ServerSideSession

_log = logging.getLogger(__name__)
_LONGEST_PARAMETER = 4000
_SIGNED_IN = "signed_in"
_FAILURE = "failure"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def create_service(
    *,
    client_id: str,
    issuer: str,
    own_url: str,
    name: str,
    acr_values: tuple[str, ...],
    state_dir: Path,
    ca_bundle: Path | None = None,
    id_token_algorithm: str = ALGORITHM,
) -> Flask:
    """Give the service as a WSGI application; it asks nothing of the hub before somebody signs in.

    `own_url` and `issuer` are without trailing slash; `acr_values` are the lowest levels that the service
    accepts, in order of preference; `ca_bundle` is a file of certificates to trust instead of the usual ones.
    Raises ServiceKeyError when the key in `state_dir` cannot be used.
    """
    presentation = presentation_of(client_id, name, acr_values)
    key = load_or_create(state_dir)
    app = Flask(__name__)
    app.session_interface = InMemorySessions(
        cookie_name=f"{client_id}-session", secure=own_url.startswith("https://")
    )
    hub = HubClient(
        app,
        Registration(
            client_id=client_id,
            issuer=issuer,
            redirect_uri=f"{own_url}/callback",
            acr_values=acr_values,
            key=key,
            id_token_algorithm=id_token_algorithm,
            ca_bundle=ca_bundle,
        ),
    )

    @app.get("/")
    def home() -> str:
        return _page(presentation, failure=session.get(_FAILURE))

    @app.get("/start")
    def start() -> AnyResponse:
        session.pop(_FAILURE, None)
        return hub.begin(_passed_on(request.args), datetime.now(UTC))

    @app.get("/callback")
    def callback() -> AnyResponse:
        try:
            signed_in = hub.finish(_each_once(request.args), datetime.now(UTC))
        except StateMismatchError:
            # Anybody can send a browser here: this must change nothing of what the session holds.
            raise
        except SignInError as error:
            _log.warning("sign-in failed: %s: %s", error.code, error.detail)
            session[_FAILURE] = error
            return redirect("/", code=303)
        cast("ServerSideSession", session).renew()
        session.pop(_FAILURE, None)
        session[_SIGNED_IN] = signed_in
        return redirect("/", code=303)

    @app.get("/sign-out")
    def sign_out() -> AnyResponse:
        session.clear()
        return redirect("/", code=303)

    @app.get("/jwks")
    def jwks() -> Mapping[str, Any]:
        return public_jwks(key)

    @app.errorhandler(SignInError)
    def tell(error: SignInError) -> tuple[str, int]:
        _log.warning("sign-in failed: %s: %s", error.code, error.detail)
        return _page(presentation, failure=error), 400 if isinstance(error, StateMismatchError) else 502

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    return app


def serve_service(
    app: Flask, *, bind: str, tls_cert: Path | None = None, tls_key: Path | None = None
) -> None:
    """Serve until told to stop; one process with threads, because sessions live in its memory.

    `bind` is `HOST:PORT`; with a certificate and its key (PEM files) it speaks https. Raises OSError when the
    port cannot be had.
    """
    host, _, port = bind.rpartition(":")
    context = None
    if tls_cert is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls_cert, tls_key)
    server = make_server(
        host.strip("[]"), int(port), app, threaded=True, request_handler=_QuietHandler, ssl_context=context
    )
    server.serve_forever()


class _QuietHandler(WSGIRequestHandler):
    """Writes no access log: its lines would hold authorization codes and states."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def _page(presentation: Presentation, *, failure: SignInError | None) -> str:
    signed_in = session.get(_SIGNED_IN)
    return render_template(
        "service.html",
        service=presentation,
        signed_in=signed_in,
        received={name: _json(value) for name, value in signed_in.attributes.items()} if signed_in else {},
        id_token=_json(signed_in.id_token.claims, indent=2) if signed_in else "",
        header=_json(signed_in.id_token.header, indent=2) if signed_in else "",
        failure=failure,
        refusal=failure if isinstance(failure, RefusedByHubError) else None,
    )


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _passed_on(query: MultiDict[str, str]) -> dict[str, str]:
    return {name: query[name][:_LONGEST_PARAMETER] for name in PASSED_ON if name in query}


def _each_once(query: MultiDict[str, str]) -> dict[str, str]:
    """Give the parameters of an authorization response; none may come twice; RFC 6749 3.1."""
    if any(len(values) > 1 for values in query.listvalues()):
        raise HubAnswerError("a parameter of the authorization response came twice")
    return query.to_dict()


@click.command()
@click.option("--client-id", required=True, help="The service's id in the hub's registry.")
@click.option("--issuer", required=True, help="The hub's issuer, without trailing slash.")
@click.option("--own-url", required=True, help="Where browsers find this service, without trailing slash.")
@click.option("--bind", required=True, help="HOST:PORT to listen on.")
@click.option("--state-dir", required=True, type=click.Path(path_type=Path), help="Where its key is kept.")
@click.option("--name", help="Its name; that of the catalogue when left out.")
@click.option("--acr-values", help="The lowest levels it accepts, separated by spaces.")
@click.option("--ca-bundle", type=click.Path(path_type=Path, exists=True), help="Certificates to trust.")
@click.option("--id-token-algorithm", type=click.Choice(ALGORITHMS), default="ES256", show_default=True)
@click.option("--tls-cert", type=click.Path(path_type=Path, exists=True), help="Certificate chain, PEM.")
@click.option("--tls-key", type=click.Path(path_type=Path, exists=True), help="Its private key, PEM.")
def main(  # noqa: PLR0913 - one for each option
    *,
    client_id: str,
    issuer: str,
    own_url: str,
    bind: str,
    state_dir: Path,
    name: str | None,
    acr_values: str | None,
    ca_bundle: Path | None,
    id_token_algorithm: str,
    tls_cert: Path | None,
    tls_key: Path | None,
) -> None:
    """Serve one demonstration service until it is stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    known = SERVICES.get(client_id)
    levels = tuple(acr_values.split()) if acr_values else known.acr_values if known else ()
    if not levels:
        raise click.UsageError(f"{client_id} is not in the catalogue: --acr-values must say what it accepts")
    if not bind.rpartition(":")[2].isdecimal():
        raise click.UsageError("--bind is HOST:PORT")
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together")
    try:
        app = create_service(
            client_id=client_id,
            issuer=issuer,
            own_url=own_url,
            name=name or (known.name if known else client_id),
            acr_values=levels,
            state_dir=state_dir,
            ca_bundle=ca_bundle,
            id_token_algorithm=id_token_algorithm,
        )
        serve_service(app, bind=bind, tls_cert=tls_cert, tls_key=tls_key)
    except (ServiceKeyError, OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
