"""Events of every field type, for the tests of entries."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from audit.entry import Commitment, Event, vocabulary


class Colour(StrEnum):
    RED = "red"
    PALE_BLUE = "pale_blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything(Event):
    kind: ClassVar[str] = "sample.everything"
    token: str
    number: int
    flag: bool
    moment: datetime
    person: Commitment
    colour: Colour
    tokens: tuple[str, ...]
    colours: tuple[Colour, ...]
    maybe: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Event):
    kind: ClassVar[str] = "sample.step"
    journey: str


VOCABULARY = vocabulary(Everything, Step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeclared(Event):
    """In no vocabulary, though it claims a kind that is in one."""

    kind: ClassVar[str] = "sample.step"
    journey: str
