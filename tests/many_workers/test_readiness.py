"""A hub says by itself that it cannot work, and works again by itself when it can."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.citizen import Citizen
from tests.clocked_hub import ClockedHub, clocked_hub
from tests.engines.engine import Engine
from tests.engines.redis_server import RedisServer, redis_server
from tests.relying_service import Answer, RelyingService, call

_PATIENCE_SECONDS = 10.0


@pytest.fixture(scope="module")
def service() -> RelyingService:
    return RelyingService(id="fishing-licence")


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


def ready_when(hub: ClockedHub, status: int) -> Answer:
    """Wait until the hub says so: it looks every other second."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (answer := call("GET", f"{hub.issuer}/health/ready")).status != status:
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)
    return answer


def test_a_hub_whose_schema_is_another_versions_is_not_ready(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, service: RelyingService
) -> None:
    directory = tmp_path_factory.mktemp("schema")
    with clocked_hub(directory, services=[service.entry()], differences=engine.new_home()) as hub:
        ready_when(hub, 200)
        for revision in ("0000", "9999"):
            with hub.inside.database.transaction() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
            assert ready_when(hub, 503).body["failing"] == ["schema"]


def test_without_its_store_a_hub_says_503_changes_nothing_and_goes_on_by_itself(
    own_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory, service: RelyingService
) -> None:
    address = {"COUNTERSIGN_REDIS_URL": own_redis.new_database()}
    directory = tmp_path_factory.mktemp("store")
    with clocked_hub(directory, services=[service.entry()], differences=address) as hub:
        citizen, asked = Citizen(hub), service.ask()
        code = service.code(hub.issuer, asked, citizen.go_through(asked))
        before = len(hub.entries())
        own_redis.server.stop()

        page = citizen.browser.get(service.ask().url(hub.issuer))
        answer = service.redeem(hub.issuer, asked, code)

        assert (page.status, page.outcome) == (503, ("hub_error", "hub"))
        assert page.headers["Retry-After"]
        assert (answer.status, answer.body["error"]) == (503, "temporarily_unavailable")
        assert ready_when(hub, 503).body["failing"] == ["store"]
        # The journey that could not be stored was journalled as begun: the log may know too much, never too little.
        assert {entry["kind"] for entry in hub.entries()[before:]} <= {"journey.started"}
        own_redis.server.start()
        ready_when(hub, 200)
        assert citizen.sign_in(service).subject
        assert service.redeem(hub.issuer, asked, code).status == 400


def test_a_store_that_does_not_answer_is_given_up_after_a_moment(
    own_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory, service: RelyingService
) -> None:
    address = {"COUNTERSIGN_REDIS_URL": own_redis.new_database()}
    directory = tmp_path_factory.mktemp("slow")
    with clocked_hub(directory, services=[service.entry()], differences=address) as hub:
        citizen = Citizen(hub)
        citizen.sign_in(service)
        own_redis.server.pause()
        before = time.monotonic()

        page = citizen.browser.get(service.ask().url(hub.issuer))

        assert page.status == 503
        assert time.monotonic() - before < _PATIENCE_SECONDS
        own_redis.server.resume()
        assert citizen.sign_in(service).subject
