"""The demonstration's directory and its start: what is kept, what is removed, what is said."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from broker.demo import federation
from broker.demo.catalogue import SERVICES
from broker.demo.errors import DemoError
from broker.demo.federation import Member, prepare_state, remove_state, run_demo


def test_the_sample_registry_is_copied_once_and_then_left_alone(tmp_path: Path) -> None:
    prepare_state(tmp_path / "state")
    registry = tmp_path / "state" / "registry"
    assert {file.stem for file in (registry / "services").glob("*.yaml")} >= SERVICES.keys()
    (registry / "services" / "fishing-licence.yaml").write_text("changed")
    prepare_state(tmp_path / "state")
    assert (registry / "services" / "fishing-licence.yaml").read_text() == "changed"


def test_a_reset_removes_what_the_demonstration_wrote_and_nothing_else(tmp_path: Path) -> None:
    prepare_state(tmp_path)
    for name in ("hub.db", "hub.db-wal", "hub.log", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "keys").mkdir()
    remove_state(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    remove_state(tmp_path)


def test_a_directory_that_cannot_be_made_is_told_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DemoError, match="cannot be prepared"):
        prepare_state(tmp_path / "file" / "state")


def test_a_port_in_use_is_named_before_anything_is_started_or_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hub.db").touch()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        busy = Member(name="hub", title="the hub", port=port, command=("false",), ready="http://localhost/")
        monkeypatch.setattr(federation, "_hub", lambda _state: busy)
        monkeypatch.setattr(federation, "_others", lambda _state: ())
        assert run_demo(tmp_path, reset=True) == 1
    assert f"Port {port} is in use, and the hub needs it." in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["hub.db"]


def test_a_member_that_ends_is_named_and_ends_the_demonstration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ending = (sys.executable, "-c", "print('no such setting'); raise SystemExit(2)")
    broken = Member(name="hub", title="the hub", port=1, command=ending, ready="http://localhost:1/")
    monkeypatch.setattr(federation, "_hub", lambda _state: broken)
    monkeypatch.setattr(federation, "_others", lambda _state: ())
    assert run_demo(tmp_path) == 1
    said = capsys.readouterr().err
    assert "hub has ended with exit code 2" in said
    assert "no such setting" in said


def test_members_get_no_setting_meant_for_another_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERSIGN_REDIS_URL", "redis://elsewhere")
    monkeypatch.setenv("no_proxy", "example.org")
    program = "import os; print(sorted(os.environ), os.environ['no_proxy'])"
    looking = Member(
        name="hub",
        title="the hub",
        port=1,
        command=(sys.executable, "-c", program),
        ready="http://localhost:1/",
        settings={"COUNTERSIGN_ISSUER": "http://localhost:8400"},
    )
    monkeypatch.setattr(federation, "_hub", lambda _state: looking)
    monkeypatch.setattr(federation, "_others", lambda _state: ())
    run_demo(tmp_path)
    log = (tmp_path / "hub.log").read_text()
    assert "COUNTERSIGN_ISSUER" in log
    assert "COUNTERSIGN_REDIS_URL" not in log
    assert "example.org,localhost" in log
