"""What a rule finds wrong in an entry of the registry, before it is known where that stands in a file."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Names and list positions from the top of an entry down to one of its values."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A place inside one entry, and what would be right there."""

    path: Path
    message: str
