from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner
from sqlalchemy.exc import OperationalError

from broker.cli import main
from broker.cli.explanation import explain
from tests.broker.cli.countersign import Operator

_MODULES_OF_THE_HUB = (
    "alembic",
    "audit",
    "broker.app",
    "config",
    "flask",
    "granian",
    "pydantic",
    "sqlalchemy",
)


def _commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


COMMANDS = dict(_commands(main))
OWN = {path: command for path, command in COMMANDS.items() if path[0] != "stub-provider"}


def test_the_commands_are_those_of_the_contract() -> None:
    assert {" ".join(path) for path, command in COMMANDS.items() if not isinstance(command, click.Group)} == {
        "serve",
        "demo",
        "db upgrade",
        "db check",
        "registry check",
        "registry diff",
        "registry apply",
        "registry show",
        "keys list",
        "keys create",
        "stub-provider oidc",
    }


@pytest.mark.parametrize("path", [(), *COMMANDS], ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")
    assert COMMANDS.get(path, main).help


@pytest.mark.parametrize("path", OWN, ids=" ".join)
def test_every_option_says_what_it_is_for(path: tuple[str, ...]) -> None:
    assert all(option.help for option in OWN[path].params if isinstance(option, click.Option))


def test_the_list_of_commands_says_what_each_says_of_itself() -> None:
    listed = CliRunner().invoke(main, ["--help"], terminal_width=200).stdout
    for path, command in COMMANDS.items():
        if len(path) == 1:
            assert f"{path[0]} " in listed
            assert (command.help or "").splitlines()[0] in listed


def test_a_summary_is_never_cut_short() -> None:
    for path, command in OWN.items():
        if isinstance(command, click.Group):
            _, _, listed = CliRunner().invoke(main, [*path, "--help"]).stdout.partition("Commands:")
            assert listed
            assert "..." not in listed


def test_listing_the_commands_loads_nothing_of_the_hub() -> None:
    program = (
        "import sys; from broker.cli import main; main(['--help'], standalone_mode=False); "
        f"print([name for name in {_MODULES_OF_THE_HUB!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_unknown_command_is_named() -> None:
    result = CliRunner().invoke(main, ["surrender"])
    assert result.exit_code == 2
    assert "surrender" in result.stderr


def test_faults_of_the_settings_are_all_told_and_nothing_is_made(operator: Operator) -> None:
    misled = operator.with_settings(issuer="http://hub.example/", environment="moon", databse_url="x")
    for command in (("serve",), ("db", "upgrade"), ("keys", "create"), ("registry", "show")):
        message = misled.fails(*command)
        for name in ("ISSUER", "ENVIRONMENT", "DATABSE_URL"):
            assert f"COUNTERSIGN_{name}: " in message
    assert list(operator.directory.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite://", "must name a file"),
        ("sqlite:////there/is/no/such/directory/hub.db", "there is no directory /there/is/no/such/directory"),
        ("postgresql://hub:hidden@localhost:port/hub", "is not the address of a database"),
    ],
)
def test_an_address_that_no_database_can_have_is_refused(operator: Operator, url: str, told: str) -> None:
    message = operator.with_settings(database_url=url).fails("db", "upgrade")
    assert message.startswith("COUNTERSIGN_DATABASE_URL: ")
    assert told in message
    assert "hidden" not in message


def test_a_file_that_is_no_database_is_refused(operator: Operator) -> None:
    operator.database.write_text(
        "A letter to a friend, much longer than the header of a database file. " * 20
    )
    assert operator.fails("db", "upgrade") == "The database cannot be used: file is not a database"


def test_a_failure_of_our_own_is_one_line_with_its_place(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("nobody foresaw this\nsecond line")

    monkeypatch.setattr("broker.cli.db.upgrade", fail)
    message = operator.fails("db", "upgrade")
    assert message.startswith("Countersign has failed inside: ZeroDivisionError: nobody foresaw this (")
    assert "\n" not in message


def test_the_statement_of_a_failed_query_stays_out_of_the_message() -> None:
    error = OperationalError(
        "SELECT sealed FROM envelopes", {"key": "private"}, Exception("disk I/O error\nmore")
    )
    assert explain(error) == "The database cannot be used: disk I/O error"


def test_a_file_error_names_the_file() -> None:
    assert (
        explain(PermissionError(13, "Permission denied", "/keys/x.json")) == "/keys/x.json: Permission denied"
    )


def test_a_missing_extra_is_named() -> None:
    assert "countersign[postgres]" in explain(ModuleNotFoundError("No module", name="psycopg"))
    assert "countersign[redis]" in explain(ModuleNotFoundError("No module", name="redis"))
