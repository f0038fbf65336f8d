"""How a call to a provider ended: what the outbound client tells whoever watches providers' health."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class CallResult(StrEnum):
    """How one call ended."""

    ANSWERED = "answered"
    UNAVAILABLE = "unavailable"
    """No connection, no whole answer in time, or an answer that says that the provider failed."""
    UNTRUSTED = "untrusted"
    """The answer was not what a provider may answer, or its certificate did not verify."""
    NOT_ASKED = "not_asked"
    """The breaker is open."""
    BUSY = "busy"
    """As many calls as the provider may have were under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call; `failing` says that the provider's last calls failed and it is left alone."""

    provider: str
    result: CallResult
    seconds: float
    failing: bool


Observer = Callable[[Call], None]
"""Hears of every call when it has ended; must be quick and raise nothing."""


def unobserved(call: Call) -> None:
    """Let a call pass without a note."""
