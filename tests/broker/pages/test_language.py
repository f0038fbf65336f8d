"""English or Welsh: who is listened to, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.pages.language import LANGUAGES, choose_language, other_language


def test_nobody_saying_anything_gets_english() -> None:
    assert choose_language() == "en"


def test_the_switch_counts_more_than_the_cookie_and_so_on_down_to_the_browser() -> None:
    said = {"switch": "cy", "cookie": "en", "ui_locales": "cy", "accept_language": "en"}

    assert choose_language(**said) == "cy"
    del said["switch"]
    assert choose_language(**said) == "en"
    del said["cookie"]
    assert choose_language(**said) == "cy"
    del said["ui_locales"]
    assert choose_language(**said) == "en"


@pytest.mark.parametrize(
    ("ui_locales", "language"),
    [
        ("cy", "cy"),
        ("cy-GB en", "cy"),
        ("fr en cy", "en"),
        ("fr de", "en"),
        ("CY", "cy"),
        ("", "en"),
        ("cyx", "en"),
    ],
)
def test_the_first_of_the_services_locales_that_we_speak_is_taken(ui_locales: str, language: str) -> None:
    assert choose_language(ui_locales=ui_locales) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("cy", "cy"),
        ("en-GB,en;q=0.9,cy;q=0.8", "en"),
        ("fr, cy;q=0.5, en;q=0.4", "cy"),
        ("en;q=0, cy;q=0.1", "cy"),
        ("en;q=0.2, cy;q=0.9", "cy"),
        ("cy;q=nonsense, en", "en"),
        ("cy;level=1, en", "en"),
        ("cy;q=7, en", "en"),
        ("*", "en"),
        (",;,", "en"),
    ],
)
def test_the_browsers_languages_are_weighed(header: str, language: str) -> None:
    assert choose_language(accept_language=header) == language


@pytest.mark.parametrize("nonsense", ["fr", "", "CY", "cy ", "../cy"])
def test_a_switch_or_cookie_that_names_no_language_of_ours_is_passed_over(nonsense: str) -> None:
    assert choose_language(switch=nonsense, cookie=nonsense, ui_locales="cy") == "cy"


@given(st.text(), st.text(), st.text(), st.text())
def test_whatever_comes_the_answer_is_a_language_of_ours(
    switch: str, cookie: str, ui_locales: str, header: str
) -> None:
    language = choose_language(switch=switch, cookie=cookie, ui_locales=ui_locales, accept_language=header)

    assert language in LANGUAGES
    assert other_language(language) in LANGUAGES
    assert other_language(language) != language
