from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.attributes import CATALOGUE
from idp_adapters.attributes import LONGEST_TEXT, READERS, read_attributes
from idp_adapters.errors import UntrustedAnswerError
from idp_adapters.json_object import JsonObject, ReceivedJson, read_json_object

TEXT_CLAIMS = [
    name
    for name in READERS
    if name
    not in {
        "email_verified",
        "phone_number_verified",
        "birthdate",
        "address",
        "updated_at",
        "place_of_birth",
        "nationalities",
    }
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
claim_sets = st.dictionaries(st.sampled_from(sorted(READERS)) | st.text(max_size=10), json_values, max_size=8)
sound_text = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=300)


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})


@settings(deadline=None)
@given(claim_sets)
def test_whatever_comes_in_only_sound_attributes_come_out(claims: dict[str, Any]) -> None:
    try:
        attributes = read_attributes(claims)
    except UntrustedAnswerError as error:
        assert not any(  # noqa: PT017 - both outcomes are right, and the refusal must not quote what it refuses
            isinstance(value, str) and len(value) > 12 and value in error.detail for value in claims.values()
        )
        return
    assert attributes.keys() <= READERS.keys() & claims.keys()
    assert not any(_is_empty(value) for value in attributes.values())
    # Everything that comes out can be written as JSON in UTF-8 and read back unchanged.
    assert read_json_object(json.dumps(attributes, ensure_ascii=False).encode(), what="it") == attributes


@settings(deadline=None)
@given(st.sampled_from(TEXT_CLAIMS), sound_text)
def test_a_op_08_a_name_is_preserved_exactly(name: str, text: str) -> None:
    assert read_attributes({name: text}) == {name: text}


@settings(deadline=None)
@given(claim_sets)
def test_reading_twice_changes_nothing(claims: dict[str, Any]) -> None:
    try:
        attributes = read_attributes(claims)
    except UntrustedAnswerError:
        return
    again: dict[str, Any] = dict(attributes)
    assert read_attributes(again) == attributes


@pytest.mark.parametrize(
    "name",
    [
        "Suharsono",
        "O'Brien-Łukasz",
        "Siân",
        "Sia\u0302n",
        "山田 花子",
        "محمد",
        "\u202eevil",
        "a\u200bb",
        " padded ",
        "\U0001f600",
        "x" * LONGEST_TEXT,
    ],
)
def test_a_op_08_a_person_may_be_called_anything(name: str) -> None:
    assert read_attributes({"name": name}) == {"name": name}


@pytest.mark.parametrize("name", ["a\0b", "\0", "\ud800", "a\udfffb", "x" * (LONGEST_TEXT + 1)])
@pytest.mark.parametrize("place", ["name", "address", "nationalities", "birthdate"])
def test_a_op_08_text_that_no_one_can_carry_on_is_refused(name: str, place: str) -> None:
    holders: dict[str, ReceivedJson] = {"address": {"locality": name}, "nationalities": ["GB", name]}
    claims: JsonObject = {place: holders.get(place, name)}
    with pytest.raises(UntrustedAnswerError, match=place):
        read_attributes(claims)


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize("name", TEXT_CLAIMS)
def test_what_is_empty_is_absent(name: str, nothing: str | None) -> None:
    assert read_attributes({name: nothing}) == {}


@pytest.mark.parametrize(
    ("claim", "value", "read"),
    [
        ("birthdate", "", None),
        ("birthdate", None, None),
        ("email_verified", None, None),
        ("email_verified", False, False),
        ("email_verified", True, True),
        ("updated_at", 0, 0),
        ("updated_at", 1767225600, 1767225600),
        ("updated_at", 1767225600.5, 1767225600.5),
        ("address", {}, None),
        ("address", {"locality": "", "region": None}, None),
        ("address", {"locality": "York", "planet": "Earth"}, {"locality": "York"}),
        ("address", {"formatted": "1 Road\nYork"}, {"formatted": "1 Road\nYork"}),
        ("place_of_birth", {"country": "GB", "locality": ""}, {"country": "GB"}),
        ("nationalities", [], None),
        ("nationalities", ["GB", ""], ["GB"]),
        ("nationalities", [""], None),
    ],
)
def test_a_value_is_read_in_its_own_type(claim: str, value: ReceivedJson, read: ReceivedJson) -> None:
    assert read_attributes({claim: value}) == ({} if read is None else {claim: read})


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("name", 7),
        ("name", True),
        ("name", ["Amelia"]),
        ("name", {"given": "Amelia"}),
        ("email_verified", "true"),
        ("email_verified", 1),
        ("email_verified", 0),
        ("updated_at", "2026-01-01"),
        ("updated_at", True),
        ("updated_at", -1),
        ("updated_at", float("inf")),
        ("updated_at", float("nan")),
        ("updated_at", 10**30),
        ("updated_at", 10**400),
        ("address", "1 Road"),
        ("address", ["1 Road"]),
        ("address", {"locality": 7}),
        ("address", {"locality": ["York"]}),
        ("place_of_birth", "York"),
        ("nationalities", "GB"),
        ("nationalities", [7]),
        ("nationalities", [None]),
        ("nationalities", ["GB"] * 51),
        ("birthdate", 1985),
    ],
)
def test_a_value_of_another_type_is_refused(claim: str, value: ReceivedJson) -> None:
    with pytest.raises(UntrustedAnswerError, match=claim):
        read_attributes({claim: value})


@settings(deadline=None)
@given(st.dates())
def test_every_date_of_the_calendar_is_a_birth_date(day: date) -> None:
    assert read_attributes({"birthdate": day.isoformat()}) == {"birthdate": day.isoformat()}


@pytest.mark.parametrize("text", ["1985", "0001", "0000-04-12", "0000-02-29", "2000-02-29", "1985-12-31"])
def test_a_birth_date_may_lack_its_year_or_its_day(text: str) -> None:
    assert read_attributes({"birthdate": text}) == {"birthdate": text}


@pytest.mark.parametrize(
    "text",
    [
        "0000",
        "1985-02-30",
        "1900-02-29",
        "1985-13-01",
        "1985-00-01",
        "1985-04-00",
        "1985-04",
        "1985-4-1",
        "85-04-12",
        "12/04/1985",
        "1985-04-12T00:00:00Z",
        " 1985-04-12",
        "1985-04-12\n",
        "١٩٨٥-٠٤-١٢",
        "-985-04-12",
    ],
)
def test_what_no_calendar_has_is_no_birth_date(text: str) -> None:
    with pytest.raises(UntrustedAnswerError, match="birthdate") as caught:
        read_attributes({"birthdate": text})
    assert text not in caught.value.detail


def test_every_claim_that_a_service_can_register_for_can_be_read() -> None:
    claims = {claim for entry in CATALOGUE.values() if not entry.is_derived for claim in entry.claims}
    assert claims == READERS.keys()
