"""A transaction that is open for the whole test, on each engine in turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from broker.database import Database


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """A transaction that is open for the whole test."""
    with database.transaction() as connection:
        yield connection
