from __future__ import annotations

from pathlib import Path

import pytest

from tests.broker.cli.countersign import Operator


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, bool]]:
    seen: list[tuple[Path, bool]] = []

    def run_demo(state: Path, *, reset: bool) -> int:
        seen.append((state, reset))
        return 1 if reset else 0

    monkeypatch.setattr("broker.demo.federation.run_demo", run_demo)
    return seen


def test_the_demonstration_keeps_its_state_beside_the_makefile(
    operator: Operator, runs: list[tuple[Path, bool]]
) -> None:
    operator.succeeds("demo")
    assert runs == [(Path(".demo"), False)]


def test_a_reset_and_the_exit_status_are_passed_on(
    operator: Operator, runs: list[tuple[Path, bool]], tmp_path: Path
) -> None:
    assert operator.runs("demo", "--reset", "--state", tmp_path).exit_code == 1
    assert runs == [(tmp_path, True)]


def test_without_its_extra_the_demonstration_names_it(
    operator: Operator, runs: list[tuple[Path, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.cli.demo.find_spec", lambda _name: None)
    assert "countersign[demo]" in operator.fails("demo")
    assert runs == []
