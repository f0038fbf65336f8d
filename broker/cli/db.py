"""`countersign db`: the schema, brought up to date and looked at."""

from __future__ import annotations

import click
from sqlalchemy import Connection

from audit.journal import append
from broker.cli.events import SchemaUpgraded
from broker.cli.operator import operator_option
from broker.cli.printing import json_option, print_json
from broker.cli.surroundings import existing_database, opened_database, settings_of_the_environment
from broker.clock import system_clock
from broker.database import Database
from broker.schema import CURRENT_REVISION, stored_revision, upgrade


@click.group()
def db() -> None:
    """Bring the database's schema up to date."""


@db.command("upgrade")
@operator_option
@json_option
def upgrade_command(*, operator: str, as_json: bool) -> None:
    """Bring the schema to this version's.

    Safe to run twice, or from several machines at once. An embedded database is made when it is not there.
    """
    with opened_database(settings_of_the_environment()) as database:
        changed = upgrade_and_journal(database, operator=operator)
    if as_json:
        print_json({"revision": CURRENT_REVISION, "changed": changed})
    else:
        click.echo(f"The schema {'is now' if changed else 'was already'} at {CURRENT_REVISION}.")


@db.command("check")
@json_option
@click.pass_context
def check_command(ctx: click.Context, *, as_json: bool) -> None:
    """Tell whether the schema is current.

    Exits with 1 when it is not this version's.
    """
    with existing_database(settings_of_the_environment()) as database:
        stored = stored_revision(database)
    current = stored == CURRENT_REVISION
    if as_json:
        print_json({"revision": stored, "wanted": CURRENT_REVISION, "current": current})
    else:
        at = f"The schema is at {stored}" if stored else "The database has no tables yet"
        click.echo(f"{at}." if current else f"{at}; this version works with {CURRENT_REVISION}.")
    ctx.exit(0 if current else 1)


def upgrade_and_journal(database: Database, *, operator: str) -> bool:
    """Upgrade the schema and journal it in one transaction; tells whether anything had to be done."""

    def journal(connection: Connection) -> None:
        event = SchemaUpgraded(revision=CURRENT_REVISION, operator=operator)
        append(connection, event, at=system_clock())

    return upgrade(database, then=journal)
