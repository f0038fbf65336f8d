"""`countersign stub-provider`: a provider that behaves, or misbehaves on request, in the foreground."""

from __future__ import annotations

from pathlib import Path

import click

from idp_adapters.certification.simulator.errors import SimulatorError
from idp_adapters.certification.simulator.oidc.options import StubOptions
from idp_adapters.certification.simulator.server import serve_oidc

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("stub-provider")
def stub_provider() -> None:
    """Run a simulated identity provider until Ctrl-C."""


@stub_provider.command("oidc")
@click.option("--bind", required=True, metavar="HOST:PORT", help="Where to listen.")
@click.option("--issuer", required=True, metavar="URL", help="The issuer identifier, without trailing slash.")
@click.option("--tls-cert", type=_FILE, help="Certificate chain in PEM; with --tls-key, serves TLS.")
@click.option("--tls-key", type=_FILE, help="Private key in PEM.")
@click.option("--client-id", help="Refuse every other client.")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Refuse every other one; repeatable.")
@click.option(
    "--client-jwks-uri", help="Where the client's keys are; without it, /jwks beside its redirect URI."
)
@click.option("--ca-bundle", type=_FILE, help="Authorities to trust when fetching the client's keys.")
@click.option(
    "--client-secret",
    envvar="COUNTERSIGN_STUB_CLIENT_SECRET",
    help="The secret for client_secret_basic; without it, any.",
)
@click.option("--silent-sign-in", is_flag=True, help="Do not ask again who is signed in here already.")
@click.option("--record", is_flag=True, help="Keep every request for GET /received.")
@click.option("--slow-seconds", type=click.FloatRange(0, 600), default=15.0, show_default=True)
def oidc(  # noqa: PLR0913 - one argument for each option
    *,
    bind: str,
    issuer: str,
    tls_cert: Path | None,
    tls_key: Path | None,
    client_id: str | None,
    redirect_uris: tuple[str, ...],
    client_jwks_uri: str | None,
    ca_bundle: Path | None,
    client_secret: str | None,
    silent_sign_in: bool,
    record: bool,
    slow_seconds: float,
) -> None:
    """Run a simulated OpenID Provider, which accepts any client unless told otherwise."""
    options = StubOptions(
        client_id=client_id,
        redirect_uris=redirect_uris,
        client_jwks_uri=client_jwks_uri,
        ca_bundle=ca_bundle,
        client_secret=client_secret,
        silent_sign_in=silent_sign_in,
        record=record,
        slow_seconds=slow_seconds,
    )
    click.echo(f"Starting a simulated OpenID Provider {issuer} on {bind}; Ctrl-C stops it.")
    try:
        serve_oidc(bind, issuer, tls_cert, tls_key, options=options)
    except SimulatorError as error:
        raise click.ClickException(f"{error.description} ({error.detail})") from error
