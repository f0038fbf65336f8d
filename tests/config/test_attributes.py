from __future__ import annotations

import pytest

from config.attributes import CATALOGUE, CLAIMS, Scope, attributes_giving, attributes_in_scope


def test_every_standard_claim_of_openid_connect_is_an_attribute() -> None:
    standard = (
        "name given_name family_name middle_name nickname preferred_username profile picture website gender "
        "birthdate zoneinfo locale updated_at email email_verified phone_number phone_number_verified address"
    )
    assert set(standard.split()) <= CATALOGUE.keys()


def test_every_extra_claim_of_identity_assurance_is_an_attribute() -> None:
    extra = (
        "place_of_birth nationalities birth_family_name birth_given_name birth_middle_name salutation title "
        "msisdn also_known_as"
    )
    assert set(extra.split()) <= CATALOGUE.keys()


def test_the_subject_is_not_an_attribute() -> None:
    assert "sub" not in CLAIMS


def test_a_name_stands_for_all_its_parts() -> None:
    assert CATALOGUE["name"].claims == ("name", "given_name", "middle_name", "family_name")
    assert [attribute.name for attribute in attributes_giving("given_name")] == ["name", "given_name"]


def test_every_other_attribute_stands_for_the_claim_of_its_name() -> None:
    assert all(entry.claims == (name,) for name, entry in CATALOGUE.items() if name != "name")


def test_standard_scopes_cover_what_openid_connect_says() -> None:
    assert {attribute.name for attribute in attributes_in_scope(Scope.EMAIL)} == {"email", "email_verified"}
    assert {attribute.name for attribute in attributes_in_scope(Scope.PHONE)} == {
        "phone_number",
        "phone_number_verified",
    }
    assert [attribute.name for attribute in attributes_in_scope(Scope.ADDRESS)] == ["address"]
    assert len(attributes_in_scope(Scope.PROFILE)) == 14


def test_derived_attributes_name_an_input_of_the_catalogue_and_inherit_its_need_for_verification() -> None:
    derived = [entry for entry in CATALOGUE.values() if entry.is_derived]
    assert len(derived) == 124
    for entry in derived:
        assert entry.derived_from is not None
        assert not CATALOGUE[entry.derived_from].is_derived
        assert entry.needs_verified_source
        assert entry.scope is None


@pytest.mark.parametrize("age", [1, 18, 65, 120])
def test_ages_from_1_to_120_can_be_asked_for(age: int) -> None:
    assert CATALOGUE[f"age_over_{age}"].age == age
    assert CATALOGUE[f"age_over_{age}"].derived_from == "birthdate"


@pytest.mark.parametrize("name", ["age_over_0", "age_over_121", "age_over_018", "age_over_", "age_over_18 "])
def test_other_ages_cannot(name: str) -> None:
    assert name not in CATALOGUE


def test_what_proves_an_identity_needs_a_verified_source_and_contact_details_do_not() -> None:
    assert {"name", "birthdate", "address", "place_of_birth", "age_over_18"} <= {
        name for name, entry in CATALOGUE.items() if entry.needs_verified_source
    }
    assert not CATALOGUE["email"].needs_verified_source
    assert not CATALOGUE["picture"].needs_verified_source


def test_the_catalogue_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CATALOGUE["shoe_size"] = CATALOGUE["name"]  # type: ignore[index]
