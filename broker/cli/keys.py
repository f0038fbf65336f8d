"""`countersign keys`: what the hub signs and seals with. Key material is never printed."""

from __future__ import annotations

from pathlib import Path

import click

from audit.journal import append
from broker.cli.events import KeysCreated
from broker.cli.operator import operator_option
from broker.cli.printing import json_option, print_columns, print_json
from broker.cli.surroundings import current_database, settings_of_the_environment
from broker.clock import system_clock
from broker.database import Database
from broker.key_store import StoredKey, create_missing_keys, read_key_store


@click.group()
def keys() -> None:
    """Make and list the hub's keys."""


@keys.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List every key, without key material.

    Each with its id, what it is for, where it stands and since when.
    """
    store = read_key_store(settings_of_the_environment().keys)
    described = [_described(key) for key in store.keys]
    if as_json:
        print_json(described)
    else:
        print_columns(("KID", "USE", "STATE", "CREATED"), (tuple(key.values()) for key in described))


@keys.command("create")
@operator_option
@json_option
def create_command(*, operator: str, as_json: bool) -> None:
    """Make a key for each use that has none.

    Keys that are there stay as they are. The key store is the directory COUNTERSIGN_KEYS. Keep a copy of it
    apart from the database's: without it nobody's account can be opened again.
    """
    settings = settings_of_the_environment()
    with current_database(settings) as database:
        made = create_and_journal(database, settings.keys, operator=operator)
    if as_json:
        print_json([_described(key) for key in made])
    elif made:
        click.echo(f"Made {', '.join(f'{key.use} {key.kid}' for key in made)} in {settings.keys}.")
    else:
        click.echo(f"Nothing to make: {settings.keys} has a key for each use.")


def create_and_journal(database: Database, directory: Path, *, operator: str) -> tuple[StoredKey, ...]:
    """Make missing keys and journal them; returns what was made.

    Within one transaction, so that two programs on one embedded database do not make the same key twice.
    """
    with database.transaction() as connection:
        made = create_missing_keys(directory, system_clock())
        if made:
            event = KeysCreated(keys=tuple(f"{key.use}/{key.kid}" for key in made), operator=operator)
            append(connection, event, at=system_clock())
    return made


def _described(key: StoredKey) -> dict[str, str]:
    return {
        "kid": key.kid,
        "use": key.use.value,
        "state": key.state.value,
        "created_at": key.created_at.isoformat(timespec="seconds"),
    }
