"""Request parameters as OAuth reads them: no value means absent, none may come twice; RFC 6749 §3.1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The parameters of one request, in the order received, empty ones left out."""

    pairs: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """Give the first value, or the empty string when there is none."""
        return next((value for key, value in self.pairs if key == name), "")

    def repeats(self, *names: str) -> bool:
        """Say whether one of these parameters, or any at all when none is named, comes more than once."""
        received = [key for key, _ in self.pairs if not names or key in names]
        return len(received) != len(set(received))

    def without(self, *names: str) -> Parameters:
        """Give the others, in the same order."""
        return Parameters(pairs=tuple((key, value) for key, value in self.pairs if key not in names))


def parse_parameters(pairs: Iterable[tuple[str, str]]) -> Parameters:
    """Keep the pairs that have a value."""
    return Parameters(pairs=tuple((key, value) for key, value in pairs if value))
