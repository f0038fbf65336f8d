"""The `countersign` command: each of its commands is a module here, loaded only when it is called.

Invariant: whatever goes wrong ends in one plain message on standard error and an exit status that is not 0.
"""

from __future__ import annotations

import click

from broker.cli.command_table import Command, CommandTable


class _Countersign(CommandTable):
    """The commands, in the order in which somebody who is new here meets them."""

    table = (
        Command("serve", "broker.cli.serve:serve", "Serve the hub until Ctrl-C or SIGTERM."),
        Command("demo", "broker.cli.demo:demo", "Run a whole federation on this machine until Ctrl-C."),
        Command("db", "broker.cli.db:db", "Bring the database's schema up to date."),
        Command(
            "registry", "broker.cli.registry:registry", "Check, compare and apply the federation registry."
        ),
        Command("keys", "broker.cli.keys:keys", "Make and list the hub's keys."),
        Command(
            "stub-provider",
            "idp_adapters.certification.simulator.cli:stub_provider",
            "Run a simulated identity provider until Ctrl-C.",
        ),
    )


@click.group(cls=_Countersign)
@click.version_option(package_name="countersign", prog_name="countersign")
def main() -> None:
    """Countersign, an identity federation hub.

    Settings are COUNTERSIGN_* environment variables; docs/settings.md explains each.
    """
