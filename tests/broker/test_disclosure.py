"""Requested ∩ registered ∩ agreed, and nothing else."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.disclosure import (
    ANY_VALUE,
    ClaimCondition,
    Proposal,
    Target,
    Wish,
    beyond_registration,
    proposed,
    released,
    wanted,
)
from config.attributes import CATALOGUE, CLAIMS
from config.confidence import NAMEABLE_LEVELS, NO_LEVEL, Level, Proofing, Protection
from config.federation import RelyingService
from idp_adapters.identity import JsonValue
from tests.broker.builders import ATTRIBUTES, NOW, a_service, an_identity, some_attributes

MEDIUM = Level.parse("medium.medium")


def a_wish(
    *scope: str, userinfo: dict[str, object] | None = None, id_token: dict[str, object] | None = None
) -> Wish:
    return Wish(
        scope=("openid", *scope), userinfo=_conditions(userinfo or {}), id_token=_conditions(id_token or {})
    )


def _conditions(asked: dict[str, object]) -> MappingProxyType[str, ClaimCondition]:
    return MappingProxyType(
        {
            name: ANY_VALUE if value is None else ClaimCondition(essential=False, values=(value,))  # type: ignore[arg-type]
            for name, value in asked.items()
        }
    )


def everything(proposal: Proposal, target: Target = Target.USERINFO) -> dict[str, JsonValue]:
    return released(proposal, {item.attribute for item in proposal.items}, target)


def propose(
    wish: Wish,
    service: RelyingService | None = None,
    attributes: dict[str, JsonValue] | None = None,
    level: Level = MEDIUM,
) -> Proposal:
    identity = an_identity() if attributes is None else an_identity(attributes=attributes)
    return proposed(service or a_service(), wish, identity, level, NOW)


def test_openid_alone_asks_for_no_attribute() -> None:
    assert propose(a_wish()).items == ()


def test_attributes_asks_for_all_that_is_registered() -> None:
    proposal = propose(a_wish("attributes"))
    assert everything(proposal) == {
        "name": "Ann Example",
        "given_name": "Ann",
        "family_name": "Example",
        "age_over_18": True,
        "postcode_area": "SW",
    }
    assert [item.required for item in proposal.items] == [True, True, False]
    assert everything(proposal, Target.ID_TOKEN) == {}


def test_profile_asks_for_the_registered_standard_claims_only() -> None:
    assert set(everything(propose(a_wish("profile")))) == {"name", "given_name", "family_name"}


def test_each_standard_scope_stands_for_its_claims() -> None:
    service = a_service(
        attributes=some_attributes("email", "email_verified", "address", "updated_at", "birthdate")
    )
    assert everything(propose(a_wish("email"), service)) == {
        "email": "ann@mail.example",
        "email_verified": True,
    }
    assert everything(propose(a_wish("address"), service)) == {"address": ATTRIBUTES["address"]}
    assert everything(propose(a_wish("profile"), service)) == {
        "updated_at": 1_700_000_000,
        "birthdate": "1990-02-28",
    }
    assert everything(propose(a_wish("phone"), service)) == {}


def test_the_claims_parameter_asks_singly_and_only_for_its_target() -> None:
    proposal = propose(a_wish(userinfo={"given_name": None}, id_token={"age_over_18": None}))
    assert everything(proposal) == {"given_name": "Ann"}
    assert everything(proposal, Target.ID_TOKEN) == {"age_over_18": True}
    assert proposal.items[0].values == {"given_name": "Ann"}


def test_a_az_08_what_is_not_registered_is_left_out_and_named_for_the_audit_trail() -> None:
    wish = a_wish(
        "attributes", userinfo={"birthdate": None, "favourite": None}, id_token={"address": None, "sub": None}
    )
    proposal = propose(wish)
    assert not {"birthdate", "address"} & (
        everything(proposal).keys() | everything(proposal, Target.ID_TOKEN).keys()
    )
    assert beyond_registration(wish, a_service()) == ("address", "birthdate")


def test_a_ua_05_a_condition_decides_what_leaves_and_never_whether_the_citizen_is_asked() -> None:
    met = propose(a_wish(userinfo={"given_name": "Ann"}))
    unmet = propose(a_wish(userinfo={"given_name": "Bea"}))
    assert [item.attribute for item in met.items] == [item.attribute for item in unmet.items] == ["name"]
    assert met.items[0].values == unmet.items[0].values == {"given_name": "Ann"}
    assert everything(unmet) == {}


def test_what_was_not_agreed_to_is_not_released() -> None:
    proposal = propose(a_wish("attributes"))
    assert released(proposal, {"age_over_18"}, Target.USERINFO) == {"age_over_18": True}
    assert released(proposal, set(), Target.USERINFO) == {}
    assert released(proposal, {"birthdate", "address"}, Target.USERINFO) == {}


def test_saying_yes_shares_what_is_required_and_what_was_ticked() -> None:
    proposal = propose(a_wish("attributes"))
    assert proposal.agreed(()) == {"name", "age_over_18"}
    assert proposal.agreed(("postcode_area", "birthdate")) == {"name", "age_over_18", "postcode_area"}


def test_a_required_attribute_without_a_value_is_noted_and_an_optional_one_is_not() -> None:
    proposal = propose(a_wish("attributes"), attributes={"name": "Ann"})
    assert proposal.missing == ("age_over_18",)
    assert everything(proposal) == {"name": "Ann"}


def test_what_was_not_asked_is_not_missing() -> None:
    assert propose(a_wish(userinfo={"name": None}), attributes={"name": "Ann"}).missing == ()


@pytest.mark.parametrize(
    ("wanted_value", "given_out"),
    [("Ann", True), ("Bob", False), (1, False), (None, True), ({"a": 1}, False)],
)
def test_a_ua_05_a_claim_whose_wanted_value_is_not_met_is_left_out(
    wanted_value: object, *, given_out: bool
) -> None:
    proposal = propose(a_wish(userinfo={"given_name": wanted_value, "family_name": None}))
    assert ("given_name" in everything(proposal)) is given_out
    assert proposal.missing == ()


def test_one_is_not_true() -> None:
    assert not ClaimCondition(essential=True, values=(1,)).admits(value=True)
    assert ClaimCondition(essential=True, values=(0, True)).admits(value=True)


@pytest.mark.parametrize(
    ("claim", "value", "usable"),
    [
        ("email_verified", "true", None),
        ("email_verified", False, False),
        ("updated_at", "2020", None),
        ("updated_at", True, None),
        ("updated_at", 5, 5),
        ("email", "", None),
        ("email", " ", None),
        ("email", 3, None),
        ("address", "1 High Street", None),
        ("address", {"region": "", "country": "GB"}, {"country": "GB"}),
        ("address", {}, None),
        ("address", {"locality": None}, None),
        ("nationalities", ["GBR", ""], ["GBR"]),
        ("nationalities", "GBR", None),
        ("nationalities", [], None),
        ("also_known_as", "Annie", "Annie"),
        ("also_known_as", ["Annie"], ["Annie"]),
        ("place_of_birth", {"locality": "Leeds"}, {"locality": "Leeds"}),
    ],
)
def test_a_value_of_the_wrong_type_or_without_content_is_left_out(
    claim: str, value: JsonValue, usable: JsonValue | None
) -> None:
    service = a_service(attributes=some_attributes(claim))
    given_out = everything(propose(a_wish("attributes"), service, {claim: value}))
    assert given_out == ({} if usable is None else {claim: usable})


@pytest.mark.parametrize("level", ["medium.low", "very_high.low", "none.high", "none.low"])
def test_no_verified_attribute_goes_out_below_protection_medium_or_unproved(level: str) -> None:
    service = a_service(attributes=some_attributes("name", "age_over_18", "email"))
    assert everything(propose(a_wish("attributes"), service, level=Level.parse(level))) == {
        "email": "ann@mail.example"
    }


def test_a_pr_05_a_derived_attribute_leaves_without_its_input() -> None:
    service = a_service(attributes=some_attributes("age_over_18", "postcode_area", "name_initial"))
    proposal = propose(a_wish("attributes", "profile", userinfo=dict.fromkeys(CLAIMS)), service)
    text = repr(proposal)
    assert everything(proposal) == {"age_over_18": True, "postcode_area": "SW", "name_initial": "A"}
    assert not [value for value in ("1990", "1AA", "Ann", "High Street") if value in text]


ATTRIBUTE_NAMES = st.sampled_from(
    ["name", "given_name", "birthdate", "address", "email", "age_over_18", "age_over_21"]
)
CLAIM_NAMES = st.sampled_from(sorted(CLAIMS)) | st.text(max_size=5)
WISHES = st.builds(
    Wish,
    scope=st.lists(
        st.sampled_from(["openid", "profile", "email", "phone", "address", "attributes", "x"])
    ).map(tuple),
    userinfo=st.dictionaries(CLAIM_NAMES, st.just(ANY_VALUE), max_size=6),
    id_token=st.dictionaries(CLAIM_NAMES, st.just(ANY_VALUE), max_size=6),
)


@given(
    st.sets(ATTRIBUTE_NAMES), WISHES, st.sets(ATTRIBUTE_NAMES), st.sampled_from([*NAMEABLE_LEVELS, NO_LEVEL])
)
def test_nothing_unasked_unregistered_unagreed_or_unverified_ever_leaves(
    registered: set[str], wish: Wish, agreed: set[str], level: Level
) -> None:
    service = a_service(attributes=some_attributes(*sorted(registered)))
    proposal = propose(wish, service, level=level)
    assert (
        {item.attribute for item in proposal.items} <= {it.name for it in wanted(wish, service)} <= registered
    )
    covered = {claim for name in registered & agreed for claim in CATALOGUE[name].claims}
    in_userinfo = released(proposal, agreed, Target.USERINFO).keys()
    in_id_token = released(proposal, agreed, Target.ID_TOKEN).keys()
    assert in_userinfo <= covered
    assert in_id_token <= covered & wish.id_token.keys()
    if not {"profile", "email", "phone", "address", "attributes"} & set(wish.scope):
        assert in_userinfo <= wish.userinfo.keys()
    if level.protection < Protection.MEDIUM or level.proofing is Proofing.NONE:
        assert in_userinfo | in_id_token <= {"email"}
