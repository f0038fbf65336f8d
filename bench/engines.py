"""Where the hub keeps its state while it is measured; a new engine is one entry in `_ENGINES`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from bench.errors import NotOfferedError

Engine = Callable[[Path], AbstractContextManager[dict[str, str]]]
"""Given an empty directory, runs what is needed until the block ends, and gives the hub's settings for it."""


@contextmanager
def _sqlite(state: Path) -> Iterator[dict[str, str]]:
    yield {"COUNTERSIGN_DATABASE_URL": f"sqlite:///{state / 'hub.db'}"}


_ENGINES: Final[dict[str, Engine]] = {"sqlite": _sqlite}


def find_engine(name: str) -> Engine:
    """Give the engine of this name; raises `NotOfferedError`."""
    if name not in _ENGINES:
        raise NotOfferedError(f"there is no engine {name}: choose from {', '.join(_ENGINES)}")
    return _ENGINES[name]
