"""What commands work on: the settings of the environment, and the database that they name.

Invariant: a command that only reads never makes a database, and a database is closed before a command ends
(before workers are forked, too).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from broker.database import Database
from broker.schema import CURRENT_REVISION, NEXT_REVISION, stored_revision
from config.settings import Settings, load_settings

_UPGRADE = "run 'countersign db upgrade'"


def settings_of_the_environment() -> Settings:
    """Read the settings; raises `SettingsError` with every fault."""
    return load_settings(os.environ)


@contextmanager
def opened_database(settings: Settings) -> Iterator[Database]:
    """Open the database as it is, or as a new and empty file; close it at the end."""
    _database_file(settings)
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def existing_database(settings: Settings) -> Iterator[Database]:
    """Open the database as it is; raises `click.ClickException` rather than make a file."""
    file = _database_file(settings)
    if file is not None and not file.exists():
        raise click.ClickException(f"There is no database at {file}; {_UPGRADE}.")
    with opened_database(settings) as database:
        yield database


@contextmanager
def current_database(settings: Settings) -> Iterator[Database]:
    """Open the database and see to it that this version can work with its schema."""
    with existing_database(settings) as database:
        require_usable_schema(database)
        yield database


def require_usable_schema(database: Database) -> None:
    """Raise `click.ClickException` with the command to run unless this version can work with the schema."""
    stored = stored_revision(database)
    if stored is None:
        raise click.ClickException(f"The database has no tables yet; {_UPGRADE}.")
    if stored > NEXT_REVISION:
        raise click.ClickException(
            f"The database belongs to a newer version of Countersign: its schema is at {stored}, and this version "
            f"works with {CURRENT_REVISION}."
        )
    if stored < CURRENT_REVISION:
        raise click.ClickException(
            f"The database's schema is at {stored}, and this version works with {CURRENT_REVISION}; {_UPGRADE}."
        )


def _database_file(settings: Settings) -> Path | None:
    """Return the file of an embedded database; None for a database server."""
    try:
        url = make_url(settings.database_url)
    except (ArgumentError, ValueError) as error:  # its own words would repeat the password
        raise click.ClickException("COUNTERSIGN_DATABASE_URL: is not the address of a database") from error
    if url.get_backend_name() != "sqlite":
        return None
    if not url.database or url.database == ":memory:":
        raise click.ClickException(
            "COUNTERSIGN_DATABASE_URL: must name a file, as in sqlite:///countersign.db"
        )
    file = Path(url.database)
    if not file.parent.is_dir():
        raise click.ClickException(f"COUNTERSIGN_DATABASE_URL: there is no directory {file.parent}")
    return file
