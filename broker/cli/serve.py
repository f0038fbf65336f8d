"""`countersign serve`: everything that can be wrong is told before the port opens; then the hub serves.

Invariant: no worker starts before schema, keys and registry are what the settings say, and nothing that was
opened to see to that is open when workers are forked.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path

import click

from broker.admission import Places
from broker.cli.db import upgrade_and_journal
from broker.cli.explanation import explain
from broker.cli.keys import create_and_journal
from broker.cli.keys_of_accounts import require_the_keys_of_accounts
from broker.cli.operator import system_user
from broker.cli.registry_directory import apply_directory, says_something_new, stored_revision
from broker.cli.surroundings import opened_database, require_usable_schema, settings_of_the_environment
from broker.database import Database
from broker.key_store import read_key_store
from broker.metrics.exposition import PATH, MetricsAddress, metrics_exposed
from broker.schema import schema_serves
from broker.serving import (
    DEFAULT_THREADS,
    LEAST_THREADS,
    Application,
    check_address_is_free,
    parse_bind_address,
    read_tls_files,
)
from broker.serving import serve as serve_application
from broker.wsgi import create_application
from config.settings import Environment, Settings

_FILE = click.Path(path_type=Path)


class NotBuiltError(Exception):
    """A worker could not build the hub; the text is what an operator reads."""


@click.command()
@click.option(
    "--bind", default="127.0.0.1:8400", show_default=True, metavar="HOST:PORT", help="Where to listen."
)
@click.option(
    "--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="How many processes serve."
)
@click.option(
    "--threads",
    type=click.IntRange(LEAST_THREADS, 512),
    default=DEFAULT_THREADS,
    show_default=True,
    help="How many requests one worker works on at a time.",
)
@click.option("--metrics-bind", metavar="HOST:PORT", help="Where Prometheus finds metrics.")
@click.option("--tls-cert", type=_FILE, help="Certificate chain in PEM; with --tls-key, serves TLS.")
@click.option("--tls-key", type=_FILE, help="Private key in PEM.")
def serve(
    *,
    bind: str,
    workers: int,
    threads: int,
    metrics_bind: str | None,
    tls_cert: Path | None,
    tls_key: Path | None,
) -> None:
    """Serve the hub until Ctrl-C or SIGTERM.

    An embedded database is brought up to date; a database server's schema is left to 'countersign db upgrade'. In
    environment local, missing keys are made. The directory COUNTERSIGN_REGISTRY is applied when it says
    something new.
    """
    settings = settings_of_the_environment()
    address = parse_bind_address(bind)
    metrics_address = None if metrics_bind is None else parse_bind_address(metrics_bind)
    if metrics_address == address:
        raise click.ClickException("--metrics-bind: metrics need an address of their own, apart from --bind.")
    tls = read_tls_files(tls_cert, tls_key)
    # Before anything is changed: a hub that is running already must not be upgraded under its feet.
    for each in filter(None, (address, metrics_address)):
        check_address_is_free(each)
    prepare(settings, operator=system_user())
    scheme = "https" if tls else "http"
    click.echo(f"Countersign serves {settings.issuer} on {scheme}://{address}; Ctrl-C stops it.")
    places = Places.working(threads)
    with ExitStack() as stack:
        metrics = None
        if metrics_address is not None:
            there = MetricsAddress(host=metrics_address.host, port=metrics_address.port)
            metrics = stack.enter_context(metrics_exposed(there, settings.database_url))
            click.echo(f"Metrics are at http://{metrics_address}{PATH}.")
        build = partial(_application, places, metrics)
        serve_application(address, build, workers=workers, threads=places.threads, tls=tls)


def prepare(settings: Settings, *, operator: str) -> None:
    """Bring schema, keys and registry to what the settings say.

    Raises `click.ClickException`, `KeyStoreError`, `RegistryFaultsError` and the database's own errors.
    """
    with opened_database(settings) as database:
        if database.is_sqlite and not schema_serves(database):
            upgrade_and_journal(database, operator=operator)
        require_usable_schema(database)
        require_the_keys_of_accounts(database, settings.keys)
        if settings.environment is Environment.LOCAL:
            create_and_journal(database, settings.keys, operator=operator)
        read_key_store(settings.keys)
        _bring_in_the_registry(database, settings, operator)


def _bring_in_the_registry(database: Database, settings: Settings, operator: str) -> None:
    directory = settings.registry
    if directory is not None and says_something_new(database, directory):
        applied = apply_directory(database, directory, settings.environment, operator=operator)
        for warning in applied.warnings:
            click.echo(f"Warning: {warning}", err=True)
    elif stored_revision(database) is None:
        click.echo(
            "Warning: no registry has been applied yet; run 'countersign registry apply DIR'.", err=True
        )


def _application(places: Places, metrics: Path | None) -> Application:
    """Build the hub in a worker; what is wrong comes out in an operator's words."""
    try:
        return create_application(places, metrics)
    except Exception as error:
        raise NotBuiltError(explain(error)) from error
