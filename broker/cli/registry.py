"""`countersign registry`: check, compare, apply and show who may take part, and how.

A directory's faults are told all at once, each with file, line and field.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click

from broker.cli.operator import operator_option
from broker.cli.printing import json_option, print_columns, print_json
from broker.cli.registry_directory import apply_directory, check_directory, read_directory, stored_revision
from broker.cli.surroundings import current_database, settings_of_the_environment
from broker.registry_revisions import NoRegistryError, Revision
from config.environment import Environment
from config.errors import Fault
from config.federation_file import Change, diff
from config.identity_provider import IdentityProvider
from config.relying_service import RelyingService

_DIRECTORY = click.argument("directory", type=click.Path(path_type=Path))
_HIDDEN = frozenset({"secret_sha256"})


@click.group()
def registry() -> None:
    """Check, compare and apply the federation registry."""


@registry.command("check")
@_DIRECTORY
@click.option(
    "--environment",
    type=click.Choice(Environment, case_sensitive=False),
    envvar="COUNTERSIGN_ENVIRONMENT",
    help="Whose rules to check by; without it, those of the hub that the settings describe, else local.",
)
@json_option
@click.pass_context
def check_command(
    ctx: click.Context, *, directory: Path, environment: Environment | None, as_json: bool
) -> None:
    """Report every fault of a directory.

    Exits with 1 when there is one. Needs no database, and no settings.
    """
    rules = environment or _environment_of_the_settings()
    reading = check_directory(directory, rules)
    if as_json:
        print_json(
            {
                "environment": rules.value,
                "faults": [_fault(fault) for fault in reading.faults],
                "warnings": [_fault(warning) for warning in reading.warnings],
            }
        )
    else:
        for fault in reading.faults:
            click.echo(str(fault))
        _print_warnings(reading.warnings)
        click.echo(_verdict(len(reading.faults), directory, rules))
    ctx.exit(1 if reading.faults else 0)


@registry.command("diff")
@_DIRECTORY
@json_option
def diff_command(*, directory: Path, as_json: bool) -> None:
    """Tell what applying a directory would change."""
    settings = settings_of_the_environment()
    read = read_directory(directory, settings.environment)
    with current_database(settings) as database:
        stored = stored_revision(database)
    changes = diff(stored.federation if stored else None, read.federation)
    if as_json:
        _print_changes_as_json(stored, changes, read.warnings)
    else:
        _print_warnings(read.warnings)
        _print_changes(changes)
        against = f"revision {stored.number}" if stored else "an empty registry"
        click.echo(
            f"{_counted(changes)} against {against}." if changes else f"Nothing differs from {against}."
        )


@registry.command("apply")
@_DIRECTORY
@operator_option
@json_option
def apply_command(*, directory: Path, operator: str, as_json: bool) -> None:
    """Store a directory as a new revision.

    The difference is journalled, and hubs follow within seconds. A directory that says nothing new makes no
    revision.
    """
    settings = settings_of_the_environment()
    with current_database(settings) as database:
        applied = apply_directory(database, directory, settings.environment, operator=operator)
    if as_json:
        _print_changes_as_json(applied.revision, applied.changes, applied.warnings)
        return
    _print_warnings(applied.warnings)
    _print_changes(applied.changes)
    number = applied.revision.number
    if applied.changes:
        click.echo(f"Revision {number} is in force: {_counted(applied.changes)}.")
    else:
        click.echo(f"Nothing differs: revision {number} stays in force.")


@registry.command("show")
@json_option
def show_command(*, as_json: bool) -> None:
    """Show the revision in force.

    Digests of client secrets are left out.
    """
    with current_database(settings_of_the_environment()) as database:
        stored = stored_revision(database)
    if stored is None:
        raise NoRegistryError
    services, providers = stored.federation.services.values(), stored.federation.providers.values()
    if as_json:
        print_json(
            {
                "revision": stored.number,
                "digest": stored.digest,
                "services": [_entry(service) for service in services],
                "providers": [_entry(provider) for provider in providers],
            }
        )
        return
    click.echo(f"Revision {stored.number}, digest {stored.digest}\n")
    print_columns(
        ("PROVIDER", "NAME", "ADAPTER", "STATUS"),
        ((each.id, each.name.en, each.adapter, each.status.value) for each in providers),
    )
    click.echo()
    print_columns(
        ("SERVICE", "NAME", "ORGANISATION", "MINIMUM"),
        ((each.id, each.name.en, each.organisation, str(each.assurance.minimum)) for each in services),
    )


def _environment_of_the_settings() -> Environment:
    """Return the hub's environment; local where nothing says which hub, as on a reviewer's machine."""
    if not os.environ.get("COUNTERSIGN_ISSUER"):
        return Environment.LOCAL
    return settings_of_the_environment().environment


def _verdict(faults: int, directory: Path, rules: Environment) -> str:
    found = "no faults" if faults == 0 else "1 fault" if faults == 1 else f"{faults} faults"
    return f"{directory}: {found}, by the rules of environment {rules.value}."


def _counted(changes: tuple[Change, ...]) -> str:
    return "1 change" if len(changes) == 1 else f"{len(changes)} changes"


def _print_changes(changes: Iterable[Change]) -> None:
    for change in changes:
        click.echo(str(change))


def _print_warnings(warnings: Iterable[Fault]) -> None:
    for warning in warnings:
        click.echo(f"Warning: {warning}", err=True)


def _print_changes_as_json(
    revision: Revision | None, changes: Iterable[Change], warnings: Iterable[Fault]
) -> None:
    print_json(
        {
            "revision": revision.number if revision else None,
            "changes": [
                {
                    "kind": change.kind.value,
                    "entry": change.entry,
                    "id": change.id,
                    "field": change.field,
                    "old": change.old,
                    "new": change.new,
                }
                for change in changes
            ],
            "warnings": [_fault(warning) for warning in warnings],
        }
    )


def _fault(fault: Fault) -> dict[str, str | int | None]:
    return {"file": fault.file, "line": fault.line, "field": fault.field, "message": fault.message}


def _entry(entry: RelyingService | IdentityProvider) -> object:
    return _without_secrets(entry.model_dump(mode="json", by_alias=True))


def _without_secrets(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_secrets(part) for name, part in value.items() if name not in _HIDDEN}
    if isinstance(value, list):
        return [_without_secrets(part) for part in value]
    return value
