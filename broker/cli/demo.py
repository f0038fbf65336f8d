"""`countersign demo`: a whole federation on this machine, as `make demo` runs it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click


@click.command()
@click.option("--reset", is_flag=True, help="Forget what earlier runs left, and start anew.")
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".demo"),
    show_default=True,
    help="The directory that keeps everything between runs.",
)
@click.pass_context
def demo(ctx: click.Context, *, reset: bool, state: Path) -> None:
    """Run a whole federation on this machine until Ctrl-C.

    It prints the addresses and what to try. Everyone and everything in it is made up.
    """
    if find_spec("jwt") is None:
        raise click.ClickException(
            "The demonstration needs the extra 'demo': pip install 'countersign[demo]'"
        )
    from broker.demo.federation import run_demo  # noqa: PLC0415 - needs the extra

    ctx.exit(run_demo(state, reset=reset))
