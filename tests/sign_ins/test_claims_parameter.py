"""The `claims` parameter: single claims, each to the place it was asked for, and never more than registered."""

from __future__ import annotations

import json

import pytest

from tests.citizen import Citizen
from tests.relying_service import RelyingService


def wish(**targets: object) -> str:
    return json.dumps(targets)


def test_what_is_asked_for_the_id_token_is_there_and_not_at_userinfo(
    citizen: Citizen, archive: RelyingService
) -> None:
    asked = wish(id_token={"email": None}, userinfo={"birthdate": {"essential": True}})

    signed_in = citizen.sign_in(archive, scope="openid", claims=asked)

    assert signed_in.claims["email"].endswith("@people.example")
    assert set(signed_in.userinfo) == {"sub", "birthdate"}
    assert "birthdate" not in signed_in.claims


def test_essential_claims_that_nobody_has_are_no_error(citizen: Citizen, archive: RelyingService) -> None:
    asked = wish(userinfo={"shoe_size": {"essential": True}, "email": {"essential": True}, "zoneinfo": None})

    signed_in = citizen.sign_in(archive, scope="openid", claims=asked)

    assert set(signed_in.userinfo) == {"sub", "email"}


def test_a_az_08_claims_beyond_the_registration_are_neither_shown_nor_given(
    citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask(scope="openid", claims=wish(userinfo={"email": None, "name": None, "address": None}))

    agreement = citizen.until_agreement(asked)

    assert "@people.example" not in agreement.text
    assert [value for _, value, _ in agreement.forms["agreement"].checkboxes] == []
    signed_in = fishing.finish(citizen.hub.issuer, asked, citizen.decide(agreement))
    assert set(signed_in.userinfo) == {"sub", "name"}


def test_a_ua_05_a_claim_whose_value_is_not_the_one_asked_for_is_left_out(
    citizen: Citizen, archive: RelyingService
) -> None:
    asked = wish(
        userinfo={
            "gender": {"essential": True, "value": "unheard-of"},
            "birthdate": {"values": ["1066-10-14", "1215-06-15"]},
            "email": None,
        }
    )

    signed_in = citizen.sign_in(archive, scope="openid", claims=asked)

    assert set(signed_in.userinfo) == {"sub", "email"}


def test_a_co_01_whether_a_silent_request_is_answered_says_nothing_of_what_was_not_agreed_to(
    citizen: Citizen, archive: RelyingService
) -> None:
    citizen.sign_in(archive, scope="openid", claims=wish(userinfo={"email": None}))
    born = str(citizen.person.claims["birthdate"])

    for guess in (born, "1066-10-14"):
        asked = archive.ask(
            scope="openid", prompt="none", claims=wish(userinfo={"birthdate": {"value": guess}})
        )
        assert citizen.visit(asked).query["error"] == "consent_required", guess


def test_protocol_claims_cannot_be_bent_by_asking_for_them(citizen: Citizen, fishing: RelyingService) -> None:
    asked = wish(
        id_token={"iss": {"value": "https://evil.example"}, "aud": {"value": "evil"}, "auth_time": None},
        userinfo={"acr": None, "iss": None},
    )

    signed_in = citizen.sign_in(fishing, scope="openid", claims=asked)

    assert signed_in.claims["aud"] == fishing.id
    assert set(signed_in.userinfo) == {"sub"}


@pytest.mark.parametrize(
    "malformed",
    [
        "not json",
        "[]",
        '{"userinfo": 1}',
        '{"userinfo": {"email": "yes"}}',
        '{"userinfo": {"email": {"essential": "yes"}}}',
        '{"userinfo": {"email": null, "email": null}}',
        '{"userinfo": {"email": {"value": NaN}}}',
        "[" * 5000,
        json.dumps({"userinfo": {f"claim{n}": None for n in range(500)}}),
    ],
)
def test_a_malformed_claims_parameter_is_invalid_request(
    citizen: Citizen, fishing: RelyingService, malformed: str
) -> None:
    landed = citizen.visit(fishing.ask(claims=malformed))

    assert landed.url.startswith(fishing.redirect_uri)
    assert landed.query["error"] == "invalid_request"
