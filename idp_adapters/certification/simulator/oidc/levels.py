"""The levels this provider asserts, whatever its issuer, in an imaginary scheme's own words."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

_NAMESPACE: Final = "urn:example:northgate:"


class Level(StrEnum):
    """A level of assurance, lowest first; the `acr` value is the namespace and the level."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def acr(self) -> str:
        """The value of `acr` for this level."""
        return _NAMESPACE + self.value

    @property
    def acr_one_lower(self) -> str:
        """The value of `acr` one level down; below `low` there is only `none`, which no scheme defines."""
        return {Level.LOW: NO_LEVEL_ACR, Level.MEDIUM: Level.LOW.acr, Level.HIGH: Level.MEDIUM.acr}[self]

    @property
    def authentication_methods(self) -> tuple[str, ...]:
        """Values of `amr` that go with the level; RFC 8176 §2."""
        return {
            Level.LOW: ("pwd",),
            Level.MEDIUM: ("mfa", "pwd", "otp"),
            Level.HIGH: ("mfa", "hwk", "user"),
        }[self]


NO_LEVEL_ACR: Final = _NAMESPACE + "none"
FRAUD_ACR: Final = _NAMESPACE + "fraud"
DEFAULT_LEVEL: Final = Level.MEDIUM
_BY_ACR: Final = {level.acr: level for level in Level}


def first_known_level(acr_values: tuple[str, ...]) -> Level | None:
    """Give the first value, in order of preference, that this provider can assert; Core §3.1.2.1."""
    return next((_BY_ACR[value] for value in acr_values if value in _BY_ACR), None)
