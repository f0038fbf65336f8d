"""The hub behind gunicorn, as docs/deployment.md starts it: the same journeys, and as kind a stop."""

from __future__ import annotations

import re
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import HUB, REPOSITORY, RunningHub, running_hub

_PATIENCE_SECONDS = 60.0


def documented_command(bind: str) -> list[str]:
    """The command that the guide gives, with an address of ours."""
    guide = (REPOSITORY / "docs" / "deployment.md").read_text(encoding="utf-8")
    found = re.search(r"^gunicorn --bind .+$", guide, re.MULTILINE)
    assert found is not None
    words = shlex.split(found[0])
    words[words.index("--bind") + 1] = bind
    return [sys.executable, "-m", *words]


@pytest.fixture(scope="module")
def behind_gunicorn(
    tmp_path_factory: pytest.TempPathFactory, fishing: RelyingService
) -> Iterator[RunningHub]:
    directory: Path = tmp_path_factory.mktemp("gunicorn")
    with running_hub(directory, services=[fishing.entry()], providers={"northgate": {}}) as hub:
        hub.group.stop(HUB)
        command = documented_command(f"127.0.0.1:{hub.issuer.rpartition(':')[2]}")
        hub.group.start(HUB, command, environment=hub._environment, directory=REPOSITORY)
        hub.group.wait_until_ready(HUB, f"{hub.issuer}/health/ready", timeout=_PATIENCE_SECONDS)
        yield hub
        assert "unforeseen" not in hub.log, hub.log[-20_000:]


def test_people_sign_in_behind_gunicorn_and_are_told_when_it_stops(
    behind_gunicorn: RunningHub, fishing: RelyingService
) -> None:
    citizen = Citizen(behind_gunicorn)
    first = citizen.sign_in(fishing)

    assert first.userinfo["name"] == citizen.person.claims["name"]
    assert citizen.sign_in(fishing).subject == first.subject

    running = behind_gunicorn.group[HUB]
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(_PATIENCE_SECONDS) == 0
    behind_gunicorn.group.stop(HUB)
