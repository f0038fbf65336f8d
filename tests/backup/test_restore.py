"""With both halves restored people are who they were; without either, the hub says what is lost before it serves."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broker.key_store import KeyUse, create_missing_keys
from tests.backup.copies import Copies
from tests.citizen import Citizen
from tests.engines.engine import Engine
from tests.engines.redis_server import RedisServer
from tests.relying_service import RelyingService
from tests.running_hub import HUB, REPOSITORY, RunningHub, running_hub


@pytest.fixture
def own(engine: Engine, tmp_path: Path, fishing: RelyingService) -> Iterator[RunningHub]:
    """A hub that nobody else needs, on each engine in turn."""
    environment = engine.new_home()
    directory = tmp_path / "hub"
    with running_hub(
        directory, services=[fishing.entry()], providers={"northgate": {}}, environment=environment
    ) as hub:
        yield hub


@pytest.fixture
def copies(own: RunningHub, tmp_path: Path, redis_process: RedisServer) -> Copies:
    (tmp_path / "copies").mkdir()
    return Copies(hub=own, directory=tmp_path / "copies", redis=redis_process)


def _run(hub: RunningHub, *arguments: str) -> subprocess.CompletedProcess[str]:
    python, *command = hub._command[:3]
    return subprocess.run(
        [python, *command, *arguments],
        env=dict(hub._environment),
        cwd=REPOSITORY,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def _refusal(hub: RunningHub) -> str:
    """What the hub says instead of starting."""
    ended = _run(hub, *hub._command[3:])
    assert ended.returncode == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


def _was_asked(citizen: Citizen) -> bool:
    return any("agreement" in page.forms for page in citizen.browser.history)


def test_with_database_and_keys_restored_people_are_who_they_were(
    own: RunningHub, copies: Copies, fishing: RelyingService
) -> None:
    before, after = Citizen(own), Citizen(own)
    known = before.sign_in(fishing).subject
    entries = own.entries()
    copies.take()
    forgotten = after.sign_in(fishing).subject

    own.group.stop(HUB)
    copies.lose_the_database()
    copies.lose_the_keys()
    copies.restore_the_database()
    copies.restore_the_keys()
    own.restart()

    again, new = before.elsewhere(), after.elsewhere()
    assert again.sign_in(fishing).subject == known
    assert not _was_asked(again)
    # Whoever came after the copy was taken is new, to the hub and to every service.
    assert new.sign_in(fishing).subject != forgotten
    assert _was_asked(new)
    assert own.entries()[: len(entries)] == entries


def test_without_the_keys_no_account_opens_and_the_hub_says_so_instead_of_starting(
    own: RunningHub, copies: Copies, fishing: RelyingService
) -> None:
    citizen = Citizen(own)
    known = citizen.sign_in(fishing).subject
    copies.take()
    own.group.stop(HUB)
    copies.lose_the_keys()

    told = _refusal(own)
    assert "lacks keys of people's accounts" in told
    assert not (own.directory / "keys").exists()

    # Other keys are no help.
    create_missing_keys(own.directory / "keys", datetime.now(UTC))
    assert "Restore the key store that belongs to it" in _refusal(own)

    copies.lose_the_keys()
    copies.restore_the_keys()
    own.restart()
    assert citizen.elsewhere().sign_in(fishing).subject == known


@pytest.mark.parametrize("use", [KeyUse.LINK_SEAL, KeyUse.LINK_INDEX])
def test_with_keys_that_are_older_than_the_database_the_hub_does_not_start(
    own: RunningHub, fishing: RelyingService, use: KeyUse
) -> None:
    Citizen(own).sign_in(fishing)
    own.group.stop(HUB)
    (rotated,) = (own.directory / "keys").glob(f"{use}.*.json")
    rotated.unlink()
    create_missing_keys(own.directory / "keys", datetime.now(UTC))

    told = _refusal(own)
    assert f"{use} {rotated.name.split('.')[1]}" in told


def test_without_the_database_everybody_is_new(
    own: RunningHub, copies: Copies, fishing: RelyingService
) -> None:
    citizen = Citizen(own)
    known = citizen.sign_in(fishing).subject
    own.group.stop(HUB)
    copies.lose_the_database()
    assert _run(own, "db", "upgrade").returncode == 0
    own.restart()

    again = citizen.elsewhere()
    assert again.sign_in(fishing).subject != known
    assert _was_asked(again)


@pytest.mark.parametrize(
    ("use", "same_subject"), [(KeyUse.SUBJECT, False), (KeyUse.SEAL, True), (KeyUse.SIGN_ES256, True)]
)
def test_with_another_key_of_another_use_accounts_open_and_only_the_subject_key_changes_every_sub(
    own: RunningHub, fishing: RelyingService, use: KeyUse, *, same_subject: bool
) -> None:
    citizen = Citizen(own)
    known = citizen.sign_in(fishing).subject
    own.group.stop(HUB)
    (lost,) = (own.directory / "keys").glob(f"{use}.*.json")
    lost.unlink()
    create_missing_keys(own.directory / "keys", datetime.now(UTC))
    own.restart()

    again = citizen.elsewhere()
    assert (again.sign_in(fishing).subject == known) is same_subject
    assert not _was_asked(again)
