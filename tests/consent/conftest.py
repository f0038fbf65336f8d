from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import audit.tables
import consent.tables
from broker.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/hub.db")
    audit.tables.metadata.create_all(database.engine)
    consent.tables.metadata.create_all(database.engine)
    yield database
    database.close()
