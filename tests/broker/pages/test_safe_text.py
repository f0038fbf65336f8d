"""Text from outside can be looked at without being led astray."""

# ruff: noqa: RUF001 -- letters of many scripts are the point.

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.pages.safe_text import isolate, isolate_lines, show_controls


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ann\u202eelpmaS", "Ann[U+202E]elpmaS"),
        ("Ann\u200bSample", "Ann[U+200B]Sample"),
        ("Ann\u200dSample", "Ann[U+200D]Sample"),
        ("\u200dAnn", "[U+200D]Ann"),
        ("Ann\x00\x1b", "Ann[U+0000][U+001B]"),
        ("Ann\ud800", "Ann[U+D800]"),
        ("Ann\U000e0041", "Ann[U+E0041]"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("Siân Ó Súilleabháin", "Siân Ó Súilleabháin"),
        ("e\u0301", "e\u0301"),
        ("山田太郎", "山田太郎"),
        ("דוד בן־גוריון", "דוד בן־גוריון"),
    ],
)
def test_what_is_invisible_is_shown_by_its_number_and_names_are_left_alone(text: str, shown: str) -> None:
    assert show_controls(text) == shown


@given(st.text())
def test_shown_text_can_be_sent_and_holds_no_control(text: str) -> None:
    shown = show_controls(text)

    shown.encode()
    assert not [character for character in shown if unicodedata.category(character) in {"Cc", "Cs"}]
    assert not {"\u202a", "\u202b", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068"} & set(shown)


def test_isolated_text_is_escaped() -> None:
    assert str(isolate("<b>&")) == "<bdi>&lt;b&gt;&amp;</bdi>"
    assert str(isolate_lines("a\n<b>")) == "<bdi>a</bdi><br><bdi>&lt;b&gt;</bdi>"
