"""Where a hub keeps its state: by name, with new and empty places in it for as many hubs as a test starts.

def test_something(engine: Engine, tmp_path: Path) -> None:
    with running_hub(tmp_path, services=[…], environment=engine.new_home()) as hub: …
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class EngineName(StrEnum):
    """What `--engine` chooses from: combinations that an operator may run."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"
    POSTGRES_ALONE = "postgres-alone"


USUAL = (EngineName.SQLITE, EngineName.POSTGRES)
"""What runs unless `--engine` says otherwise: each store and each database once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One engine; `new_home` gives the settings of a hub that nobody has used yet."""

    name: EngineName
    new_home: Callable[[], Mapping[str, str]]
