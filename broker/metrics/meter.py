"""What the hub tells whoever counts: the port between the steps of a sign-in and the numbers about them.

Invariant: nothing is counted before it is durable, and nothing that is told names a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from audit.entry import Event


class Meter(Protocol):
    """Counts what has happened."""

    def journalled(self, events: Sequence[Event]) -> None:
        """These events were committed."""
        ...


class Unmetered:
    """Counts nothing: for a hub that was given no address for metrics."""

    def journalled(self, events: Sequence[Event]) -> None:
        """Let them pass."""


UNMETERED: Final = Unmetered()
