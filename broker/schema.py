"""The database's schema: one linear history of migrations, applied as a whole or not at all.

Invariant: upgrades of one database run one after the other, whoever starts them, and each is one transaction,
so that the schema is never between two revisions.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, inspect, text

import audit.tables
import broker.tables
import consent.tables
from broker.database import Database

METADATA = (broker.tables.metadata, audit.tables.metadata, consent.tables.metadata)
"""Every table that the migrations make."""

CURRENT_REVISION = "0001"
"""The newest migration, written down here so that a readiness check need not load Alembic."""

NEXT_REVISION = f"{int(CURRENT_REVISION) + 1:04}"
"""Whatever the next migration is, it leaves what this version works with (`broker.migrations`)."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION_TABLE = "alembic_version"
_STORED_REVISION = text(f"SELECT version_num FROM {_VERSION_TABLE}")  # noqa: S608 - a constant of ours
# Any number will do, as long as no other part of Countersign locks the same one.
_LOCK = text("SELECT pg_advisory_xact_lock(7036873401)")


class SchemaError(Exception):
    """Root of what is wrong with a schema: `description` for anybody, `detail` for the operator."""

    description = "The database's schema cannot be used."

    def __init__(self, detail: str) -> None:
        """Keep what the operator needs to know."""
        super().__init__(detail)
        self.detail = detail


class UnknownRevisionError(SchemaError):
    """The database is at a revision that this version does not know: a newer version has upgraded it."""

    description = "The database belongs to another version of Countersign."


def schema_is_current(database: Database) -> bool:
    """Tell whether the database has exactly the tables that this version makes."""
    return stored_revision(database) == CURRENT_REVISION


def schema_serves(database: Database) -> bool:
    """Tell whether this version can work with the database: it is current, or was upgraded for the next version."""
    return stored_revision(database) in {CURRENT_REVISION, NEXT_REVISION}


def stored_revision(database: Database) -> str | None:
    """Return the revision that the database is at, or None before the first upgrade."""
    with database.reading() as connection:
        return _revision(connection)


def upgrade(database: Database, *, then: Callable[[Connection], None] | None = None) -> bool:
    """Bring the schema to `CURRENT_REVISION`; tells whether anything had to be done.

    `then` runs at the end of the same transaction when something was. Raises `UnknownRevisionError`.
    """
    with database.transaction(unhurried=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(_LOCK)
        # Read behind the lock: another process may just have done the work.
        if _revision(connection) == CURRENT_REVISION:
            return False
        _migrate(connection)
        if then is not None:
            then(connection)
        return True


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    return connection.execute(_STORED_REVISION).scalar_one_or_none()


def _migrate(connection: Connection) -> None:
    # Loaded here because only upgrades need it, and every worker of the hub imports this module.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, CURRENT_REVISION)
    except CommandError as error:
        known = f"this version knows revisions up to {CURRENT_REVISION}"
        raise UnknownRevisionError(f"{known}; the database is at {_revision(connection)}") from error
