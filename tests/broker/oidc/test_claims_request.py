"""The `claims` parameter (OIDC Core §5.5)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.disclosure import ANY_VALUE, ClaimCondition
from broker.oidc.claims_request import NO_CLAIMS, ClaimsRequest, parse_claims_request
from broker.oidc.request_errors import MalformedClaimsError


def test_no_parameter_asks_for_nothing() -> None:
    assert parse_claims_request(None) == NO_CLAIMS


def test_null_an_empty_object_essential_value_and_values_are_understood() -> None:
    request = parse_claims_request(
        '{"userinfo": {"name": null, "email": {}, "address": {"essential": true}},'
        ' "id_token": {"email": {"value": "a@b.example"},'
        ' "acr": {"essential": true, "values": ["one", "two"]}}}'
    )
    assert request.userinfo["name"] == ANY_VALUE
    assert request.userinfo["email"] == ANY_VALUE
    assert request.userinfo["address"] == ClaimCondition(essential=True, values=None)
    assert request.id_token["email"].values == ("a@b.example",)
    assert request.essential_acr_values == ("one", "two")
    assert request.voluntary_acr_values == ()


def test_a_voluntary_acr_stays_voluntary() -> None:
    request = parse_claims_request('{"id_token": {"acr": {"values": ["one"]}}}')
    assert request.essential_acr_values is None
    assert request.voluntary_acr_values == ("one",)


def test_an_essential_acr_without_values_demands_no_level() -> None:
    assert parse_claims_request('{"id_token": {"acr": {"essential": true}}}').essential_acr_values is None


def test_an_essential_acr_with_values_that_no_level_can_have_is_still_a_demand() -> None:
    text = '{"id_token": {"acr": {"essential": true, "values": [1]}}}'
    assert parse_claims_request(text).essential_acr_values == ()


def test_a_subject_can_be_required() -> None:
    assert parse_claims_request('{"id_token": {"sub": {"value": "s"}}}').required_subjects == ("s",)
    assert parse_claims_request('{"id_token": {"sub": null}}').required_subjects is None


def test_unknown_claims_and_members_are_no_error() -> None:
    request = parse_claims_request(
        '{"vendor": 1, "userinfo": {"favourite_colour": null, "a-ł:/": {"x": 1},'
        ' "verified_claims": {"claims": null}}}'
    )
    assert set(request.userinfo) == {"favourite_colour", "a-ł:/"}


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "1", "null", '"text"', "{", "{}x", '{"userinfo": []}', '{"userinfo": {"name": 1}}',
        '{"userinfo": {"name": "yes"}}', '{"userinfo": {"name": {"essential": 1}}}',
        '{"userinfo": {"name": {"values": "one"}}}', '{"userinfo": {"name": {"values": []}}}',
        '{"userinfo": {"name": {"value": "a", "values": ["a"]}}}', '{"userinfo": {"name": null, "name": {}}}',
        '{"userinfo": {"name": {"value": NaN}}}', '{"userinfo": {"name": {"value": 1e999}}}',
        '{"userinfo": {"name": {"value": "\\ud800"}}}', '{"a":' * 13 + "1" + "}" * 13, "[" * 8000,
        json.dumps({"userinfo": {f"claim{number}": None for number in range(201)}}),
    ],
)  # fmt: skip
def test_a_malformed_parameter_is_refused(text: str) -> None:
    with pytest.raises(MalformedClaimsError):
        parse_claims_request(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_our_own_error(text: str) -> None:
    try:
        parse_claims_request(text)
    except MalformedClaimsError:
        return


JSON = st.recursive(
    st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
WISH = st.none() | st.fixed_dictionaries(
    {}, optional={"essential": st.booleans(), "values": st.lists(JSON, min_size=1, max_size=3), "x": JSON}
)
TARGET = st.dictionaries(st.sampled_from(["name", "acr", "sub", "email", "other"]), WISH, max_size=4)


@given(st.fixed_dictionaries({}, optional={"userinfo": TARGET, "id_token": TARGET}))
def test_a_request_is_read_back_as_it_was_written(value: dict[str, object]) -> None:
    request = parse_claims_request(json.dumps(value))
    assert ClaimsRequest.from_json(json.loads(json.dumps(request.to_json()))) == request
