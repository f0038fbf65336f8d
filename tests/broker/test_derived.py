"""Derived attributes: an answer, never its input."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.derived import (
    age_over,
    country_of_residence,
    derived_value,
    name_initial,
    postcode_area,
    uk_date,
)
from config.attributes import CATALOGUE
from idp_adapters.identity import JsonValue
from tests.broker.builders import ATTRIBUTES

TODAY = date(2026, 5, 14)


@pytest.mark.parametrize(
    ("birthdate", "answer"),
    [
        ("2008-05-15", False),
        ("2008-05-14", True),
        ("2008-05-13", True),
        ("1990-02-28", True),
        ("2020-01-01", False),
        ("2008-05-00", None),
        ("2008-04-00", True),
        ("2008-06-00", False),
        ("2008-05", None),
        ("2008", None),
        ("2007", True),
        ("2009", False),
        ("2008-00-00", None),
        ("2007-00-00", True),
        ("0000-05-14", None),
        ("2008-00-14", None),
        ("1990-02-30", None),
        ("1990-13-01", None),
        ("2030-01-01", None),
        ("", None),
        ("1990-2-8", None),
        ("19900228", None),
        ("1990-02-28T00:00", None),
        ("١٩٩٠-02-28", None),
        (None, None),
        (20_000_101, None),
        (["1990-02-28"], None),
        ("9999", None),
    ],
)
def test_age_is_told_only_where_it_is_certain(birthdate: str | None, *, answer: bool | None) -> None:
    assert age_over(birthdate, 18, TODAY) is answer


@pytest.mark.parametrize(
    ("today", "answer"),
    [(date(2026, 2, 28), False), (date(2026, 3, 1), True)],
)
def test_a_leap_day_birth_counts_from_the_first_of_march_in_other_years(today: date, *, answer: bool) -> None:
    assert age_over("2008-02-29", 18, today) is answer


def test_a_leap_day_birth_counts_on_its_day_in_a_leap_year() -> None:
    assert age_over("2008-02-29", 20, date(2028, 2, 28)) is False
    assert age_over("2008-02-29", 20, date(2028, 2, 29)) is True


def test_the_day_is_that_of_the_united_kingdom() -> None:
    assert uk_date(datetime(2026, 5, 13, 23, 30, tzinfo=UTC)) == date(2026, 5, 14)
    assert uk_date(datetime(2026, 12, 13, 23, 30, tzinfo=UTC)) == date(2026, 12, 13)


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(1, 120), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_once_reached_an_age_is_never_lost_and_less_known_never_says_otherwise(
    birth: date, years: int, today: date
) -> None:
    exact = age_over(birth.isoformat(), years, today)
    if exact is not None and birth <= today:
        assert age_over(f"{birth:%Y-%m}-00", years, today) in {exact, None}
        assert age_over(f"{birth:%Y}", years, today) in {exact, None}
        if exact:
            assert age_over(birth.isoformat(), years, date(2031, 1, 1)) is True


@pytest.mark.parametrize(
    ("postcode", "country", "area"),
    [
        ("SW1A 1AA", "GB", "SW"),
        ("sw1a1aa", "United Kingdom", "SW"),
        ("M1 1AE", None, "M"),
        ("CF10 3NQ", "Wales", "CF"),
        ("SW1A 1AA", "FR", None),
        ("75001", "GB", None),
        ("SW1A", "GB", None),
        ("", "GB", None),
        ("JE2 3AB", "JE", None),
        ("SW1A 1AA, London", "GB", None),
        ("SW\uff11A 1AA", "GB", None),
        (5, "GB", None),
        ("M1 1AE", 44, None),
    ],
)
def test_a_postcode_area_is_the_letters_of_a_united_kingdom_postcode(
    postcode: str, country: str | None, area: str | None
) -> None:
    address: dict[str, JsonValue] = {"postal_code": postcode}
    if country is not None:
        address["country"] = country
    assert postcode_area(address) == area


def test_without_an_address_nothing_is_derived_from_it() -> None:
    assert postcode_area(None) is None
    assert postcode_area("SW1A 1AA") is None
    assert country_of_residence(None) is None


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("GB", "GB"),
        ("uk", "GB"),
        ("Northern Ireland", "GB"),
        ("FR", "FR"),
        ("France", None),
        ("", None),
        (3, None),
    ],
)
def test_a_country_is_a_code_or_nothing(country: str, code: str | None) -> None:
    assert country_of_residence({"country": country}) == code


@pytest.mark.parametrize(
    ("name", "initial"),
    [
        ("Ann", "A"),
        (" élodie", "É"),
        ("e\u0301lodie", "É"),
        ("王小明", "王"),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_an_initial_is_a_whole_letter(name: str | None, initial: str | None) -> None:
    assert name_initial(name) == initial


def test_a_pr_05_a_derived_value_never_holds_its_input() -> None:
    inputs = {"1990-02-28", "SW1A 1AA", "1 High Street", "Ann", "Ann Example", "Example"}
    for name, entry in CATALOGUE.items():
        if entry.is_derived:
            value = derived_value(name, ATTRIBUTES, TODAY)
            assert isinstance(value, bool) or value is None or (isinstance(value, str) and len(value) <= 2)
            assert value not in inputs
