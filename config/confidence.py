"""Levels of assurance: how surely an identity was proved, and how well this sign-in was protected.

The two axes stay apart: a strong sign-in never makes up for weak proofing (`standards.md` 2.8 and 2.10), and
no function here turns a level into one number. Whatever cannot be read is refused, never taken for something
near it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Self

from config.errors import LevelError

ACR_PREFIX = "urn:countersign:level:"


class _Scale(enum.Enum):
    """An ordered vocabulary: members rank as they are written down, never as their wire values sort."""

    def __init__(self, _wire_value: str) -> None:
        """Rank this member after those before it."""
        self._rank = len(type(self).__members__)

    # Members of another scale have no place in this one's order: comparing with them is a TypeError.
    def __lt__(self, other: Self) -> bool:
        return self._rank < other._rank if type(other) is type(self) else NotImplemented

    def __le__(self, other: Self) -> bool:
        return self._rank <= other._rank if type(other) is type(self) else NotImplemented

    def __gt__(self, other: Self) -> bool:
        return self._rank > other._rank if type(other) is type(self) else NotImplemented

    def __ge__(self, other: Self) -> bool:
        return self._rank >= other._rank if type(other) is type(self) else NotImplemented

    def __str__(self) -> str:
        """Write the wire value."""
        return str(self.value)


class Proofing(_Scale):
    """How surely the identity was proved, in the confidence levels of GPG 45."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"


class Protection(_Scale):
    """How well this sign-in was protected, as in GPG 44; `NONE` is what an unusable assertion falls to."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Level:
    """A pair of proofing and protection, compared per axis; written `medium.medium`.

    Levels are only partly ordered: neither of `high.low` and `low.high` meets the other, so there is no `<`.
    """

    proofing: Proofing
    protection: Protection

    @classmethod
    def parse(cls, text: str) -> Level:
        """Read `<proofing>.<protection>` exactly.

        Raises:
            LevelError: for anything else, other spellings and surrounding space included.

        """
        proofing, _, protection = text.partition(".")
        try:
            return cls(Proofing(proofing), Protection(protection))
        except ValueError as error:
            raise LevelError(
                f"expected <proofing>.<protection> with proofing {_choices(Proofing)} "
                f"and protection {_choices(Protection)}, got {text[:80]!r}"
            ) from error

    @classmethod
    def from_acr(cls, value: str) -> Level | None:
        """Return the level that an `acr` value names, or None for a value that is not exactly one of ours."""
        if not value.startswith(ACR_PREFIX):
            return None
        try:
            level = cls.parse(value.removeprefix(ACR_PREFIX))
        except LevelError:
            return None
        return level if level.can_be_named else None

    @property
    def can_be_named(self) -> bool:
        """Whether a request, a registration or an assertion may name this level."""
        return self.protection is not Protection.NONE

    @property
    def acr(self) -> str:
        """The `acr` value of this level.

        Raises:
            LevelError: for a level without protection, which no assertion may carry.

        """
        if not self.can_be_named:
            raise LevelError(f"{self} has no acr value: it is what remains when nothing may be asserted")
        return f"{ACR_PREFIX}{self}"

    def meets(self, other: Level) -> bool:
        """Whether this level is at least the other on both axes."""
        return self.proofing >= other.proofing and self.protection >= other.protection

    def capped_by(self, other: Level) -> Level:
        """Lower each axis to the other's where it is above; neither axis ever rises."""
        return Level(min(self.proofing, other.proofing), min(self.protection, other.protection))

    def __str__(self) -> str:
        """Write `<proofing>.<protection>`, which `parse` reads back."""
        return f"{self.proofing}.{self.protection}"


NO_LEVEL = Level(Proofing.NONE, Protection.NONE)
"""What an unknown, uncertified or vetoed assertion is worth; it meets no level that can be asked for."""

NAMEABLE_LEVELS: tuple[Level, ...] = tuple(
    level
    for proofing in Proofing
    for protection in Protection
    if (level := Level(proofing, protection)).can_be_named
)
"""Every level that has a wire value, in a fixed order."""


def _choices(scale: type[_Scale]) -> str:
    return "|".join(str(member) for member in scale)
