"""Values as people read them on the agreement page."""

# ruff: noqa: RUF001 -- Welsh is written with the apostrophe that people read.

from __future__ import annotations

import pytest

from broker.pages.display import display_values, shared_items, show_day
from tests.broker.pages.page_views import CLAIMS, notice


def _shown(attribute: str, claims: dict[str, object], language: str = "en") -> list[tuple[str, str]]:
    return [(value.label, value.value) for value in display_values(attribute, claims, language)]


def test_a_name_shows_each_part_that_would_be_shared_and_no_other() -> None:
    assert _shown(
        "name", {"name": "Ann Sample", "given_name": "Ann", "family_name": "Sample", "email": "a@b"}
    ) == [
        ("Full name", "Ann Sample"),
        ("Given name", "Ann"),
        ("Family name", "Sample"),
    ]


def test_what_the_provider_did_not_give_is_not_shown() -> None:
    assert _shown("email", {"name": "Ann"}) == []
    assert _shown("email", {"email": None}) == []


@pytest.mark.parametrize(
    ("birthdate", "english", "welsh"),
    [
        ("1990-03-01", "1 March 1990", "1 Mawrth 1990"),
        ("1990-03", "March 1990", "Mawrth 1990"),
        ("1990", "1990", "1990"),
        ("0000-02-29", "29 February", "29 Chwefror"),
        ("1990-02-30", "1990-02-30", "1990-02-30"),
        ("0000", "0000", "0000"),
        ("last spring", "last spring", "last spring"),
        ("1990-03-01\n", "1990-03-01\n", "1990-03-01\n"),
    ],
)
def test_a_birth_date_is_written_out_with_what_is_known_of_it(
    birthdate: str, english: str, welsh: str
) -> None:
    assert show_day(birthdate, "en") == english
    assert _shown("birthdate", {"birthdate": birthdate}, "cy") == [("Dyddiad geni", welsh)]


def test_yes_and_no_answer_the_question_that_the_label_asks() -> None:
    assert _shown("age_over_18", {"age_over_18": True}) == [("Whether you are 18 or over", "Yes")]
    assert _shown("age_over_18", {"age_over_18": False}, "cy") == [("A ydych yn 18 oed neu’n hŷn", "Nac ydw")]
    assert _shown("email_verified", {"email_verified": True}, "cy")[0][1] == "Ydy"


def test_an_address_shows_its_lines_and_only_the_parts_that_they_leave_out() -> None:
    assert _shown("address", {"address": CLAIMS["address"]}) == [
        ("Address", "1 Mill Lane\nBangor\nLL57 1AA\nWales"),
        ("Country", "United Kingdom"),
    ]
    assert _shown("address", {"address": {"street_address": "1 Mill Lane", "uprn": "100"}}) == [
        ("Street", "1 Mill Lane"),
        ("uprn", "100"),
    ]


def test_countries_are_named_in_the_language_of_the_page() -> None:
    assert _shown("nationalities", {"nationalities": ["GB", "FR", "XKX"]}, "cy") == [
        ("Cenedligrwydd", "Y Deyrnas Unedig, Ffrainc, XKX")
    ]
    assert _shown("place_of_birth", {"place_of_birth": {"locality": "Bangor", "country": "GB"}}) == [
        ("Town or city", "Bangor"),
        ("Country", "United Kingdom"),
    ]


def test_a_time_is_shown_as_its_day_and_an_impossible_one_as_it_came() -> None:
    assert _shown("updated_at", {"updated_at": 1_700_000_000})[0][1] == "14 November 2023"
    assert _shown("updated_at", {"updated_at": 10**30})[0][1] == str(10**30)


def test_a_shape_that_nobody_foresaw_is_shown_whole() -> None:
    assert _shown("nickname", {"nickname": {"nick": ["a", {"b": 1}]}}) == [("nick", 'a, {"b": 1}')]
    assert _shown("locale", {"locale": 7}) == [("Preferred language", "7")]


def test_items_follow_the_notice_and_carry_their_values() -> None:
    items = shared_items(notice("cy"), CLAIMS)

    assert [item.attribute for item in items] == ["name", "age_over_18", "address", "postcode_area"]
    assert items[0].label == "Enw"
    assert items[0].values[0].value == "Ann Elizabeth Sample"
    assert items[3].values[0].value == "LL"
