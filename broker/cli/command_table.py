"""A group that knows its commands by name and loads only the one that is called.

Invariant: listing the commands imports none of them, and no exception of a command reaches the terminal as a
traceback.
"""

from __future__ import annotations

import errno
import importlib
from dataclasses import dataclass
from typing import ClassVar

import click


@dataclass(frozen=True, slots=True)
class Command:
    """A command's name, where it is (module:attribute), and its line in the list of commands."""

    name: str
    place: str
    summary: str


class CommandTable(click.Group):
    """A click group over a table of commands; a subclass says which, in the order in which they are listed."""

    table: ClassVar[tuple[Command, ...]] = ()

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return [command.name for command in self.table]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command, or return None for a name that is not in the table."""
        del ctx
        place = next((command.place for command in self.table if command.name == cmd_name), None)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        loaded: click.Command = getattr(importlib.import_module(module), attribute)
        return loaded

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(command.name, command.summary) for command in self.table])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; whatever it raises becomes one plain message."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # click ends quietly when nobody reads on
            # Loaded here, because it knows every package's errors and a command that works needs none of them.
            from broker.cli.explanation import explain  # noqa: PLC0415

            raise click.ClickException(explain(error)) from error
