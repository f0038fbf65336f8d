from __future__ import annotations

from datetime import date

import pytest

from idp_adapters.certification.simulator.errors import UnknownPersonaError
from idp_adapters.certification.simulator.oidc.userinfo import CLAIMS_OFFERED
from idp_adapters.certification.simulator.personas import FIXED_PERSONAS, person
from tests.idp_adapters.certification.relying_party import RelyingParty

TODAY = date(2026, 3, 1)


def test_the_personas_are_those_of_the_contract_the_first_being_the_default() -> None:
    assert (
        *("complete", "mononym", "long-name", "welsh", "non-latin", "unknown-day", "no-address", "under-18"),
        "second-complete",
    ) == FIXED_PERSONAS


@pytest.mark.parametrize("persona", ["complete", "complete-0", "complete-123456", "second-complete"])
def test_complete_has_every_claim_that_the_provider_offers(persona: str) -> None:
    assert set(person(persona, TODAY).claims) | {"sub"} == CLAIMS_OFFERED


def test_an_address_has_all_its_parts() -> None:
    assert person("complete", TODAY).claims["address"] == {
        "formatted": "17 Invented Terrace\nExmouth\nDevon\nEX99 9ZZ\nUnited Kingdom",
        "street_address": "17 Invented Terrace",
        "locality": "Exmouth",
        "region": "Devon",
        "postal_code": "EX99 9ZZ",
        "country": "GB",
    }


def test_subjects_are_stable_distinct_and_do_not_spell_the_persona() -> None:
    personas = [*FIXED_PERSONAS, *(f"complete-{n}" for n in range(200))]
    subjects = {persona: person(persona, TODAY).subject for persona in personas}
    assert len(set(subjects.values())) == len(personas)
    assert all(persona not in subject for persona, subject in subjects.items())
    assert person("complete", date(2030, 1, 1)).subject == subjects["complete"]


def test_one_of_a_crowd_differs_from_the_next() -> None:
    one, other = person("complete-17", TODAY).claims, person("complete-18", TODAY).claims
    same = {name for name in one if one[name] == other[name]}
    assert not same & {"name", "given_name", "family_name", "birthdate", "email", "phone_number", "address"}


def test_mononym_has_a_name_and_no_parts_of_one() -> None:
    claims = person("mononym", TODAY).claims
    assert claims["name"]
    assert not {name for name in claims if name.endswith(("_name", "nickname"))}


def test_long_name_has_300_characters() -> None:
    claims = person("long-name", TODAY).claims
    assert len(str(claims["name"])) == 300
    assert claims["name"] == f"{claims['given_name']} {claims['family_name']}"


def test_welsh_has_the_letters_that_older_systems_lose(party: RelyingParty) -> None:
    name = party.sign_in("welsh").userinfo()["name"]
    assert {"ŵ", "ŷ"} <= set(name)


def test_non_latin_arrives_as_it_was_written(party: RelyingParty) -> None:
    userinfo = party.sign_in("non-latin").userinfo()
    assert (userinfo["name"], userinfo["family_name"]) == ("山田 花子", "山田")


def test_unknown_day_has_a_year_alone() -> None:
    assert person("unknown-day", TODAY).claims["birthdate"] == "1985"


def test_no_address_has_none() -> None:
    assert "address" not in person("no-address", TODAY).claims


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 1, 1), date(2026, 12, 31), date(2100, 3, 1)])
def test_under_18_is_sixteen_on_any_day(today: date) -> None:
    born = date.fromisoformat(str(person("under-18", today).claims["birthdate"]))
    assert today.year - born.year - ((today.month, today.day) < (born.month, born.day)) == 16


def test_second_complete_shares_name_and_birth_date_and_is_somebody_else() -> None:
    one, other = person("complete", TODAY), person("second-complete", TODAY)
    for name in ("name", "given_name", "middle_name", "family_name", "birthdate"):
        assert one.claims[name] == other.claims[name]
    for name in ("email", "phone_number", "address", "place_of_birth"):
        assert one.claims[name] != other.claims[name]
    assert one.subject != other.subject


@pytest.mark.parametrize(
    "persona", ["", "Complete", "complete-", "complete-00", "complete--1", "complete-1 ", "x"]
)
def test_nobody_else_is_known(persona: str) -> None:
    with pytest.raises(UnknownPersonaError):
        person(persona, TODAY)
