"""The `countersign` command as a test calls it: in this process, with no settings but the test's own."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from broker.cli import main


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Somebody at a terminal: a directory of their own, and the settings of one hub in it."""

    directory: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.directory / "hub.db"

    @property
    def keys(self) -> Path:
        return self.directory / "keys"

    def with_settings(self, **settings: str) -> Operator:
        """The same person with other settings, written without COUNTERSIGN_ and in lower case."""
        named = {f"COUNTERSIGN_{name.upper()}": value for name, value in settings.items()}
        return Operator(directory=self.directory, settings={**self.settings, **named})

    def runs(self, *arguments: object) -> Result:
        """Run a command and give all that it said."""
        with _only(self.settings):
            return CliRunner().invoke(main, [str(argument) for argument in arguments])

    def succeeds(self, *arguments: object) -> str:
        """Run a command that works; gives its standard output."""
        result = self.runs(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def reads(self, *arguments: object, status: int = 0) -> Any:  # noqa: ANN401 - whatever a command prints
        """Run a command with --json; gives what it printed."""
        result = self.runs(*arguments, "--json")
        assert result.exit_code == status, result.output
        return json.loads(result.stdout)

    def fails(self, *arguments: object) -> str:
        """Run a command that ends with exit status 1 and a plain message; gives the message."""
        result = self.runs(*arguments)
        assert result.exit_code == 1, result.output
        assert result.stderr.startswith("Error: "), result.output
        assert "Traceback" not in result.output
        return result.stderr.removeprefix("Error: ").strip()

    def sql(self, statement: str, *values: str) -> None:
        """Change the database behind everybody's back."""
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(statement, values)

    def journal(self) -> list[dict[str, Any]]:
        """Every entry that the audit journal holds, in order."""
        with closing(sqlite3.connect(self.database)) as connection:
            rows = connection.execute("SELECT body FROM journal ORDER BY position").fetchall()
        return [json.loads(body) for (body,) in rows]


def an_operator(directory: Path) -> Operator:
    """An operator of a local hub on embedded SQLite."""
    return Operator(directory=directory).with_settings(
        issuer="http://localhost:8400",
        database_url=f"sqlite:///{directory / 'hub.db'}",
        keys=str(directory / "keys"),
    )


@contextmanager
def _only(settings: Mapping[str, str]) -> Iterator[None]:
    before = {name: value for name, value in os.environ.items() if name.startswith("COUNTERSIGN_")}
    for name in before:
        del os.environ[name]
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            del os.environ[name]
        os.environ.update(before)
