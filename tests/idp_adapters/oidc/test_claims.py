from __future__ import annotations

from typing import Any

import pytest
import responses

from idp_adapters.errors import UntrustedAnswerError
from idp_adapters.identity import ClaimedAssurance
from idp_adapters.oidc.claims import claimed_assurance, merge
from idp_adapters.oidc.settings import LevelRequest
from tests.idp_adapters.oidc.scripted_provider import SUBJECT, ScriptedProvider


def test_what_the_id_token_says_prevails_over_userinfo(provider: ScriptedProvider) -> None:
    provider.claims |= {"given_name": "Signed", "birthdate": "1985-04-12"}
    provider.userinfo = {"sub": SUBJECT, "given_name": "Told", "family_name": "Told"}
    assert provider.finish().attributes == {
        "given_name": "Signed",
        "family_name": "Told",
        "birthdate": "1985-04-12",
    }


def test_claims_of_the_protocol_are_no_attributes(provider: ScriptedProvider) -> None:
    provider.userinfo = {"sub": SUBJECT, "iss": "x", "roles": ["admin"], "national_id": "QQ123456C"}
    assert provider.finish().attributes == {}


def test_assurance_comes_from_the_id_token_alone(provider: ScriptedProvider) -> None:
    del provider.claims["acr"]
    provider.userinfo = {"sub": SUBJECT, "acr": "urn:example:northgate:high", "vot": "P3"}
    assert provider.finish().assurance == ClaimedAssurance(value=None, found_in="id_token.acr")


@pytest.mark.parametrize(
    ("level_request", "expected"),
    [
        (LevelRequest.ACR_VALUES, ClaimedAssurance(value="A", found_in="id_token.acr")),
        (LevelRequest.CLAIMS, ClaimedAssurance(value="A", found_in="id_token.acr")),
        (LevelRequest.NONE, ClaimedAssurance(value="A", found_in="id_token.acr")),
        (LevelRequest.VTR, ClaimedAssurance(value="P2.Cl", found_in="id_token.vot")),
    ],
)
def test_a_level_is_read_where_it_was_asked_for(
    level_request: LevelRequest, expected: ClaimedAssurance
) -> None:
    assert claimed_assurance({"acr": "A", "vot": "P2.Cl"}, level_request) == expected


@pytest.mark.parametrize("value", [" urn:x", "URN:X", "urn:x ", "urn:x\u200b"])
def test_a_as_05_a_level_is_handed_on_exactly_as_said(value: str, provider: ScriptedProvider) -> None:
    provider.claims["acr"] = value
    if value.isprintable():
        assert provider.finish().assurance.value == value
    else:
        with pytest.raises(UntrustedAnswerError, match="acr"):
            provider.finish()


def test_an_empty_level_is_no_level(provider: ScriptedProvider) -> None:
    provider.claims["acr"] = ""
    assert provider.finish().assurance.value is None


def test_methods_and_session_are_handed_on(provider: ScriptedProvider) -> None:
    provider.claims |= {"amr": ["mfa", "hwk"], "sid": "session-1"}
    identity = provider.finish()
    assert (identity.methods, identity.provider_session) == (("mfa", "hwk"), "session-1")


def test_methods_may_be_unsaid(provider: ScriptedProvider) -> None:
    del provider.claims["amr"]
    assert provider.finish().methods == ()


EMAIL: dict[str, Any] = {"email": "a@x.example"}
OTHER: dict[str, Any] = {"email": "b@x.example"}
VERIFIED: dict[str, Any] = {"email_verified": True}


@pytest.mark.parametrize(
    ("signed", "told", "joined"),
    [
        ({}, EMAIL | VERIFIED, EMAIL | VERIFIED),
        (EMAIL | VERIFIED, {}, EMAIL | VERIFIED),
        (EMAIL, EMAIL | VERIFIED, EMAIL | VERIFIED),
        (EMAIL, OTHER | VERIFIED, EMAIL),
        (EMAIL | VERIFIED, OTHER | {"email_verified": False}, EMAIL | VERIFIED),
        (EMAIL | {"email_verified": False}, EMAIL | VERIFIED, EMAIL | {"email_verified": False}),
        (VERIFIED, EMAIL, EMAIL | VERIFIED),
        (VERIFIED, {}, {}),
        ({}, VERIFIED, {}),
        (EMAIL, VERIFIED, EMAIL),
    ],
    ids=range(10),
)
def test_that_an_address_is_verified_is_said_of_no_other_address(
    signed: dict[str, Any], told: dict[str, Any], joined: dict[str, Any]
) -> None:
    assert merge(dict(signed), dict(told)) == joined


def test_a_level_asked_for_as_a_vector_is_found_in_a_whole_sign_in(mock: responses.RequestsMock) -> None:
    provider = ScriptedProvider(mock, level_request="vtr")
    provider.claims |= {"vot": "P2.Cl.Cm"}
    assert provider.finish().assurance == ClaimedAssurance(value="P2.Cl.Cm", found_in="id_token.vot")
