"""Kinds are closed: only events declared in a vocabulary, with fields that entries can hold, are entries."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

import pytest

from audit.entry import Event, vocabulary
from audit.errors import VocabularyError
from tests.audit.sample_events import VOCABULARY, Everything, Step, Undeclared


class Words(Enum):
    FREE = "free text"


class Numbers(Enum):
    ONE = 1


@pytest.mark.parametrize(
    "declared",
    [
        bytes,
        float,
        object,
        Any,
        dict[str, str],
        list[str],
        tuple[str, str],
        tuple[int, ...],
        str | int,
        str | int | None,
        bytes | None,
        Words,
        Numbers,
        tuple[Words, ...],
    ],
    ids=str,
)
def test_a_field_of_a_type_that_entries_cannot_hold_is_refused_when_declared(declared: object) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Loose(Event):
        kind: ClassVar[str] = "sample.loose"
        field: declared  # type: ignore[valid-type]

    with pytest.raises(VocabularyError):
        vocabulary(Loose)


@pytest.mark.parametrize(
    "name", ["", "step", "Sample.step", "sample.", "sample.two words", "sample.step\n", "=a.b"]
)
def test_a_kind_reads_like_subject_happened(name: str) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Misnamed(Event):
        kind: ClassVar[str] = name

    with pytest.raises(VocabularyError):
        vocabulary(Misnamed)


def test_an_event_without_a_kind_is_refused() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Nameless(Event):
        journey: str

    with pytest.raises(VocabularyError):
        vocabulary(Nameless)


def test_a_kind_belongs_to_one_class() -> None:
    with pytest.raises(VocabularyError):
        vocabulary(Undeclared)
    with pytest.raises(VocabularyError):
        vocabulary(Step)


def test_an_event_that_is_no_dataclass_is_refused() -> None:
    class Plain(Event):
        kind: ClassVar[str] = "sample.plain"

    with pytest.raises(VocabularyError):
        vocabulary(Plain)


def test_a_field_named_outside_ascii_is_refused() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Accented(Event):
        kind: ClassVar[str] = "sample.accented"
        journée: str  # noqa: PLC2401 (the name that must be refused)

    with pytest.raises(VocabularyError):
        vocabulary(Accented)


def test_a_refused_vocabulary_declares_none_of_its_kinds() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Sound(Event):
        kind: ClassVar[str] = "sample.sound"

    with pytest.raises(VocabularyError):
        vocabulary(Sound, Undeclared)
    assert list(vocabulary(Sound)) == [Sound]


def test_a_vocabulary_knows_its_own_events_and_no_other() -> None:
    assert list(VOCABULARY) == [Everything, Step]
    assert VOCABULARY.kinds == {"sample.everything": Everything, "sample.step": Step}
    assert Step(journey="a") in VOCABULARY
    assert Undeclared(journey="a") not in VOCABULARY
    assert "sample.step" not in VOCABULARY
