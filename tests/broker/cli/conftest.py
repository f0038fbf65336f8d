from __future__ import annotations

from pathlib import Path

import pytest

from tests.broker.cli.countersign import Operator, an_operator


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return an_operator(tmp_path)
