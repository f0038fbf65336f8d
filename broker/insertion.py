"""Insert a row unless somebody was first: one statement, no savepoint, the same answer on every engine.

Invariant: of any number of transactions that insert the same key exactly one is told that it did; on PostgreSQL the
others wait for its commit before they are told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


@dataclass(frozen=True, slots=True)
class InsertUnlessTaken:
    """The statement for one table, in each engine's words."""

    statements: Mapping[str, Executable]

    @classmethod
    def into(cls, table: Table) -> InsertUnlessTaken:
        """Prepare for a table; any unique column counts."""
        statements = {
            "sqlite": sqlite.insert(table).on_conflict_do_nothing().inline(),
            "postgresql": postgresql.insert(table).on_conflict_do_nothing().inline(),
        }
        # SQLAlchemy closes an INSERT's cursor at once, and psycopg's then no longer says how many rows there were.
        return cls({name: it.execution_options(preserve_rowcount=True) for name, it in statements.items()})

    def __call__(self, connection: Connection, row: Mapping[str, object]) -> bool:
        """Insert the row; False when its key was taken, and then nothing has changed."""
        return connection.execute(self.statements[connection.dialect.name], dict(row)).rowcount == 1
