"""A registry directory, read by the rules of an environment and brought into the database.

Invariant: nothing of a directory with faults is ever stored; a revision is stored with the digest of the
directory that it was read from.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from broker.clock import system_clock
from broker.database import Database
from broker.registry_revisions import Revision, apply_revision, newest_revision
from config.environment import Environment
from config.errors import Fault, RegistryFaultsError
from config.federation import Federation
from config.federation_file import Change, RegistryReading, check_registry, digest
from idp_adapters.registry import SETTINGS_VALIDATORS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDirectory:
    """What a directory without faults says, and what a reviewer should know about it."""

    federation: Federation
    digest: str
    warnings: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The revision in force after a directory was applied; no `changes` when it was in force already."""

    revision: Revision
    changes: tuple[Change, ...]
    warnings: tuple[Fault, ...]


def check_directory(directory: Path, environment: Environment) -> RegistryReading:
    """Report all faults, or the federation and warnings, by this hub's adapters."""
    return check_registry(directory, environment=environment, settings_validators=SETTINGS_VALIDATORS)


def read_directory(directory: Path, environment: Environment) -> ReadDirectory:
    """Read a directory; raises `RegistryFaultsError` with every fault of every file."""
    reading = check_directory(directory, environment)
    if reading.federation is None:
        raise RegistryFaultsError(reading.faults)
    return ReadDirectory(federation=reading.federation, digest=digest(directory), warnings=reading.warnings)


def apply_directory(
    database: Database, directory: Path, environment: Environment, *, operator: str
) -> Applied:
    """Store a directory as a new revision and journal the difference; raises `RegistryFaultsError`."""
    read = read_directory(directory, environment)
    revision, changes = apply_revision(
        database, read.federation, read.digest, operator=operator, clock=system_clock
    )
    return Applied(revision=revision, changes=changes, warnings=read.warnings)


def stored_revision(database: Database) -> Revision | None:
    """Return the revision in force, or None before the first one was applied; raises `StoredRegistryError`."""
    with database.reading() as connection:
        return newest_revision(connection)


def says_something_new(database: Database, directory: Path) -> bool:
    """Tell whether a directory's digest differs from the stored revision's, or cannot be told for its faults."""
    stored = stored_revision(database)
    try:
        return stored is None or stored.digest != digest(directory)
    except RegistryFaultsError:
        return True  # reading the whole of it reports all faults, not only those of the YAML
