"""Who runs a command, as the audit journal names them: `--operator`, or the system's user.

Invariant: the name is a token of the journal; characters that tokens do not allow become hyphens.
"""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Callable
from typing import Any

import click

from audit.fields import MAX_TOKEN_LENGTH, is_token

_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_.~:/-]+")
_NOT_FIRST = ".~:/-"


def operator_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option `--operator`, which is always a token of the journal."""
    return click.option(
        "--operator",
        metavar="NAME",
        callback=_operator,
        help="Who does this, for the audit journal; without it, the system's user.",
    )(command)


def system_user() -> str:
    """Return the name of the user that runs this process, or its number where it has none."""
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:  # containers may run under a number that nobody registered
        name = ""
    return token_of(name) or f"uid-{number}"


def token_of(name: str) -> str:
    """Return a name with hyphens for what tokens do not allow; empty when nothing is left of it."""
    token = _NOT_ALLOWED.sub("-", name.strip()).lstrip(_NOT_FIRST)[:MAX_TOKEN_LENGTH]
    return token if is_token(token) else ""


def _operator(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    if value is None:
        return system_user()
    token = token_of(value)
    if not token:
        raise click.BadParameter("must hold a letter or a digit")
    return token
