"""Readiness in one process: what it names, and that asking for it is never a way to make the hub work."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from broker.endpoints import health
from broker.endpoints.health import FRESH_SECONDS, Readiness
from tests.clocked_hub import ClockedHub, clocked_hub
from tests.relying_service import Answer, RelyingService, call

SERVICE = RelyingService(id="fishing-licence")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[ClockedHub]:
    with clocked_hub(tmp_path, services=[SERVICE.entry()], providers={}) as running:
        yield running


def _ready(hub: ClockedHub) -> Answer:
    time.sleep(FRESH_SECONDS)
    return call("GET", f"{hub.issuer}/health/ready")


def test_a_hub_is_ready_when_nothing_fails(hub: ClockedHub) -> None:
    answer = _ready(hub)
    assert (answer.status, answer.body) == (200, {"status": "ready", "failing": []})
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_hub_that_cannot_sign_for_a_service_is_not_ready(hub: ClockedHub) -> None:
    hub.apply([SERVICE.entry(id_token={"signed": "Ed25519"})])
    answer = _ready(hub)
    assert (answer.status, answer.body["failing"]) == (503, ["keys"])
    assert int(answer.headers["Retry-After"]) > 0
    assert call("GET", f"{hub.issuer}/health/live").status == 200
    hub.apply([SERVICE.entry()])
    assert _ready(hub).status == 200


def test_a_hub_whose_schema_is_another_is_not_ready(hub: ClockedHub) -> None:
    with hub.inside.database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = _ready(hub)
    assert (answer.status, answer.body["failing"]) == (503, ["schema"])


def test_a_hub_whose_database_is_gone_is_not_ready(hub: ClockedHub) -> None:
    with hub.inside.database.transaction() as connection:
        connection.execute(text("DROP TABLE registry_revisions"))
    hub.inside.registry._looked_at = float("-inf")
    answer = _ready(hub)
    assert (answer.status, answer.body["failing"]) == (503, ["database"])


def test_many_who_ask_at_once_make_one_look(hub: ClockedHub, monkeypatch: pytest.MonkeyPatch) -> None:
    readiness, looks, slow = Readiness(hub.inside), [], threading.Event()

    def look(_hub: object) -> list[str]:
        looks.append(1)
        slow.wait(0.2)
        return []

    monkeypatch.setattr(health, "_failing", look)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: readiness.failing(), range(16)))
    assert answers == [[]] * 16
    assert len(looks) == 1


def test_while_a_look_hangs_others_hear_what_was_found_before(
    hub: ClockedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    readiness, hanging, end = Readiness(hub.inside), threading.Event(), threading.Event()
    assert readiness.failing() == []
    time.sleep(FRESH_SECONDS)

    def look(_hub: object) -> list[str]:
        hanging.set()
        end.wait(10)
        return ["database"]

    monkeypatch.setattr(health, "_failing", look)
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(readiness.failing)
        assert hanging.wait(5)
        began = time.monotonic()
        assert readiness.failing() == []
        assert time.monotonic() - began < 1.0
        monkeypatch.setattr(health, "_STALE_SECONDS", 0.0)
        assert readiness.failing() == ["database"]
        end.set()
        assert looking.result() == ["database"]
