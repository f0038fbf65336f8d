"""A hub works on the last landed schema once it is upgraded, and on one that the next version has upgraded already."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import inspect, text

from broker.database import Database
from broker.endpoints.health import FRESH_SECONDS
from broker.schema import NEXT_REVISION, upgrade
from tests.citizen import Citizen
from tests.engines.engine import Engine
from tests.engines.postgres import PostgresCluster, with_driver
from tests.relying_service import RelyingService, call
from tests.running_hub import RunningHub, running_hub
from tests.upgrades import landed


def _address(hub: RunningHub) -> str:
    return hub._environment["COUNTERSIGN_DATABASE_URL"]


def _change(address: str, *, revision: str, expanding: bool) -> None:
    """Do to every table what a migration of the next version might do."""
    database = Database(with_driver(address))
    with database.transaction() as connection:
        if expanding:
            for table in inspect(connection).get_table_names():
                connection.execute(text(f"ALTER TABLE {table} ADD COLUMN of_the_next_version TEXT"))
            connection.execute(text("CREATE TABLE next_version (id INTEGER PRIMARY KEY)"))
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    database.close()


def test_a_hub_works_on_the_last_landed_schema_and_goes_on_while_the_next_version_upgrades_it(
    engine: Engine, postgres: PostgresCluster, tmp_path: Path, fishing: RelyingService
) -> None:
    environment = dict(engine.new_home())
    address = f"sqlite:///{tmp_path / 'hub.db'}"
    if environment:
        address = environment["COUNTERSIGN_DATABASE_URL"] = postgres.empty_database()
    landed.make(landed.last_landed(), address)
    database = Database(with_driver(address))
    upgrade(database)
    database.close()

    with running_hub(
        tmp_path, services=[fishing.entry()], providers={"northgate": {}}, environment=environment
    ) as hub:
        citizen, ready = Citizen(hub), f"{hub.issuer}/health/ready"
        subject = citizen.sign_in(fishing).subject

        _change(_address(hub), revision=NEXT_REVISION, expanding=True)

        assert call("GET", ready).status == 200
        assert citizen.sign_in(fishing).subject == subject
        assert Citizen(hub).sign_in(fishing).subject != subject
        hub.restart()
        assert citizen.elsewhere().sign_in(fishing).subject == subject
        assert hub.rows("SELECT version_num FROM alembic_version") == [(NEXT_REVISION,)]

        _change(_address(hub), revision=f"{int(NEXT_REVISION) + 1:04}", expanding=False)
        time.sleep(2 * FRESH_SECONDS)
        assert call("GET", ready).body["failing"] == ["schema"]
        assert "unforeseen" not in hub.log
