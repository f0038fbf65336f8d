"""The commands on PostgreSQL: its schema is the operator's to upgrade, and what is wrong is said in plain words."""

from __future__ import annotations

import pytest

from broker.demo.processes import find_free_port
from broker.schema import CURRENT_REVISION
from tests.broker.cli.countersign import Operator
from tests.engines.postgres import PostgresCluster


@pytest.fixture
def on_postgres(operator: Operator, postgres: PostgresCluster) -> Operator:
    return operator.with_settings(database_url=postgres.empty_database())


def test_a_hub_does_not_start_on_a_schema_that_is_behind(on_postgres: Operator) -> None:
    told = on_postgres.fails("serve", "--bind", f"127.0.0.1:{find_free_port()}")

    assert told == "The database has no tables yet; run 'countersign db upgrade'."
    assert on_postgres.reads("db", "check", status=1)["current"] is False


def test_an_upgrade_is_made_once_and_journalled(on_postgres: Operator) -> None:
    assert on_postgres.reads("db", "upgrade") == {"revision": CURRENT_REVISION, "changed": True}
    assert on_postgres.reads("db", "upgrade") == {"revision": CURRENT_REVISION, "changed": False}
    assert on_postgres.reads("db", "check")["current"] is True


def test_a_server_that_is_not_there_is_named_without_its_password(operator: Operator) -> None:
    away = operator.with_settings(database_url="postgresql://hub:open-sesame@127.0.0.1:1/hub")

    told = away.fails("db", "check")

    assert told.startswith("The database cannot be used: ")
    assert "127.0.0.1" in told
    assert "open-sesame" not in told
