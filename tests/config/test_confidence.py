from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.confidence import NAMEABLE_LEVELS, NO_LEVEL, Level, Proofing, Protection
from config.errors import LevelError

levels = st.builds(Level, st.sampled_from(Proofing), st.sampled_from(Protection))


def test_proofing_ranks_as_gpg_45_does_and_not_as_its_words_sort() -> None:
    assert sorted(Proofing, reverse=True) == [
        Proofing.VERY_HIGH,
        Proofing.HIGH,
        Proofing.MEDIUM,
        Proofing.LOW,
        Proofing.NONE,
    ]
    assert Proofing.HIGH < Proofing.VERY_HIGH
    assert Proofing.HIGH <= Proofing.HIGH
    assert Proofing.MEDIUM > Proofing.LOW
    assert not Proofing.LOW >= Proofing.MEDIUM


def test_protection_ranks_none_below_all() -> None:
    assert sorted(Protection) == [Protection.NONE, Protection.LOW, Protection.MEDIUM, Protection.HIGH]


def test_the_two_axes_cannot_be_compared_with_each_other() -> None:
    with pytest.raises(TypeError):
        Proofing.LOW < Protection.LOW  # type: ignore[operator]  # noqa: B015
    with pytest.raises(TypeError):
        Proofing.LOW >= "low"  # type: ignore[operator]  # noqa: B015
    with pytest.raises(TypeError):
        Protection.LOW <= Proofing.LOW  # type: ignore[operator]  # noqa: B015
    with pytest.raises(TypeError):
        Protection.LOW > Proofing.LOW  # type: ignore[operator]  # noqa: B015


@given(levels)
def test_a_level_is_read_back_from_its_text(level: Level) -> None:
    assert Level.parse(str(level)) == level


@pytest.mark.parametrize(
    "text",
    [
        "",
        "medium",
        "medium.",
        ".medium",
        "medium.medium.medium",
        "Medium.medium",
        " medium.medium",
        "medium.medium ",
        "medium.very_high",
        "medium,medium",
        "P2.Cl.Cm",
        "mediun.medium",
    ],
)
def test_a_text_that_is_not_exactly_a_level_is_refused(text: str) -> None:
    with pytest.raises(LevelError):
        Level.parse(text)


@given(st.text())
def test_no_text_makes_parsing_fail_otherwise(text: str) -> None:
    with contextlib.suppress(LevelError):
        assert str(Level.parse(text)) == text


def test_an_acr_value_names_exactly_one_level_and_back() -> None:
    assert Level.parse("medium.medium").acr == "urn:countersign:level:medium.medium"
    for level in NAMEABLE_LEVELS:
        assert Level.from_acr(level.acr) == level
    assert len({level.acr for level in NAMEABLE_LEVELS}) == 15


@pytest.mark.parametrize(
    "value",
    [
        "medium.medium",
        "urn:countersign:level:medium",
        "URN:countersign:level:medium.medium",
        "urn:countersign:level:medium.medium ",
        "urn:countersign:level:medium.none",
        "urn:countersign:level:none.none",
        "urn:countersign:level:urn:countersign:level:low.low",
        "http://eidas.europa.eu/LoA/substantial",
        "",
    ],
)
def test_any_other_acr_value_names_no_level(value: str) -> None:
    assert Level.from_acr(value) is None


def test_a_level_without_protection_has_no_acr_value() -> None:
    with pytest.raises(LevelError):
        _ = NO_LEVEL.acr
    assert not NO_LEVEL.can_be_named


def test_nothing_proved_meets_no_level_that_can_be_asked_for() -> None:
    assert not any(NO_LEVEL.meets(level) for level in NAMEABLE_LEVELS)


def test_strength_on_one_axis_does_not_make_up_for_the_other() -> None:
    assert not Level.parse("very_high.low").meets(Level.parse("low.medium"))
    assert not Level.parse("none.high").meets(Level.parse("low.low"))


@given(levels)
def test_a_level_meets_itself(level: Level) -> None:
    assert level.meets(level)


@given(levels, levels)
def test_two_levels_that_meet_each_other_are_the_same(one: Level, other: Level) -> None:
    assert (one.meets(other) and other.meets(one)) == (one == other)


def test_meeting_is_handed_on() -> None:
    every = [Level(proofing, protection) for proofing in Proofing for protection in Protection]
    for one, two, three in itertools.product(every, repeat=3):
        if one.meets(two) and two.meets(three):
            assert one.meets(three)


@given(levels, levels)
def test_a_cap_never_raises_a_level(level: Level, cap: Level) -> None:
    capped = level.capped_by(cap)
    assert level.meets(capped)
    assert cap.meets(capped)


@given(levels, levels, levels)
def test_a_cap_lowers_no_further_than_it_must(level: Level, cap: Level, below: Level) -> None:
    if level.meets(below) and cap.meets(below):
        assert level.capped_by(cap).meets(below)


@given(levels, levels)
def test_the_order_of_caps_does_not_matter(one: Level, other: Level) -> None:
    assert one.capped_by(other) == other.capped_by(one)
    assert one.capped_by(one) == one


def test_a_level_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        NO_LEVEL.proofing = Proofing.HIGH  # type: ignore[misc]
