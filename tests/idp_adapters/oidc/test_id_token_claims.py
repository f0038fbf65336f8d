"""ID tokens whose claims are wrong in one way each (A-UO-03, A-UO-04); all else about them is right."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from idp_adapters.errors import UntrustedAnswerError
from tests.idp_adapters.oidc.forged_tokens import (
    SECOND,
    by_hand,
    es256,
    refused,
    refused_token,
)
from tests.idp_adapters.oidc.scripted_provider import (
    CLIENT_ID,
    ISSUER,
    ScriptedProvider,
    half_hash,
)


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("nonce", ..., "nonce is missing"),
        ("nonce", None, "nonce is missing"),
        ("nonce", "", "nonce is missing"),
        ("nonce", "another", "nonce is missing or not"),
        ("nonce", ["x"], "nonce is missing or not"),
        ("aud", ..., "aud is not this client alone"),
        ("aud", "another", "aud is not this client alone"),
        ("aud", CLIENT_ID + " ", "aud is not this client alone"),
        ("aud", [], "aud is not this client alone"),
        ("aud", [CLIENT_ID, "another"], "aud is not this client alone"),
        ("aud", ["another", CLIENT_ID], "aud is not this client alone"),
        ("aud", [[CLIENT_ID]], "aud is not this client alone"),
        ("aud", {"aud": CLIENT_ID}, "aud is not this client alone"),
        ("azp", "another", "azp is another client"),
        ("azp", None, "azp is another client"),
        ("azp", [CLIENT_ID], "azp is another client"),
        ("exp", ..., "exp is missing"),
        ("exp", None, "exp is missing"),
        ("exp", str(SECOND + 300), "exp is missing or not a number"),
        ("exp", True, "exp is missing or not a number"),
        ("exp", 10**400, "exp is no time"),
        ("iat", ..., "iat is missing"),
        ("iat", "now", "iat is missing or not a number"),
        ("iat", -1, "iat is no time"),
        ("nbf", "now", "nbf is missing or not a number"),
        ("sub", ..., "sub is not 1 to 255"),
        ("sub", None, "sub is not 1 to 255"),
        ("sub", "", "sub is not 1 to 255"),
        ("sub", "x" * 256, "sub is not 1 to 255"),
        ("sub", "pérson", "sub is not 1 to 255"),
        ("sub", 42, "sub is not 1 to 255"),
        ("sub", ["person-1"], "sub is not 1 to 255"),
        ("sub", "person\x001", "sub holds a control"),
        ("sub", "person\n1", "sub holds a control"),
        ("auth_time", "now", "auth_time is missing or not a number"),
        ("auth_time", False, "auth_time is missing or not a number"),
        ("auth_time", SECOND + 61, "auth_time lies in the future"),
        ("at_hash", half_hash("another"), "at_hash belongs to another"),
        ("at_hash", None, "at_hash belongs to another"),
        ("at_hash", "é", "at_hash belongs to another"),
        ("acr", ["high"], "acr must be text"),
        ("acr", "x" * 256, "acr is too long"),
        ("amr", "pwd", "amr is not a list"),
        ("amr", ["pwd"] * 21, "amr is not a list"),
        ("sid", 7, "sid must be text"),
    ],
)
def test_a_uo_03_an_id_token_with_one_wrong_claim_is_refused(
    claim: str, value: object, reason: str, provider: ScriptedProvider
) -> None:
    # A raw payload, because PyJWT refuses to mint some of these.
    departure = provider.begin()
    claims = {"nonce": provider.nonce, **provider.claims, claim: value}
    payload = json.dumps({name: said for name, said in claims.items() if said is not ...}).encode()
    provider.id_token = by_hand({"alg": "ES256", "kid": "idp-1"}, payload, es256)
    with pytest.raises(UntrustedAnswerError, match=reason):
        provider.finish(departure)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": SECOND - 59}, None),
        ({"exp": SECOND - 60}, "exp passed 60 s ago"),
        ({"exp": SECOND - 600, "iat": SECOND - 630}, "exp passed"),
        ({"iat": SECOND + 60}, None),
        ({"iat": SECOND + 61}, "iat lies 61 s in the future"),
        ({"iat": SECOND + 3600, "exp": SECOND + 7200}, "in the future"),
        ({"iat": SECOND - 660}, None),
        ({"iat": SECOND - 661}, "in the past"),
        ({"nbf": SECOND + 60}, None),
        ({"nbf": SECOND + 61}, "nbf lies in the future"),
        ({"exp": SECOND + 10, "iat": SECOND + 10}, "exp is not after iat"),
        ({"auth_time": SECOND + 60}, None),
        ({"exp": SECOND + 300.5, "iat": SECOND + 0.25}, None),
    ],
)
def test_a_uo_03_times_are_believed_within_one_minute_of_leeway(
    claims: dict[str, float], reason: str | None, provider: ScriptedProvider
) -> None:
    provider.claims |= claims
    if claims.get("exp", SECOND) < SECOND and "iat" not in claims:
        provider.claims["iat"] = SECOND - 300
    if reason is None:
        assert provider.finish().subject
    else:
        refused(provider, reason)


@pytest.mark.parametrize("audience", [CLIENT_ID, [CLIENT_ID]])
def test_an_audience_of_us_alone_may_be_text_or_a_list(
    audience: str | list[str], provider: ScriptedProvider
) -> None:
    provider.claims |= {"aud": audience, "azp": CLIENT_ID}
    assert provider.finish().subject


def test_a_sign_in_time_that_is_not_said_stays_unsaid(provider: ScriptedProvider) -> None:
    del provider.claims["auth_time"]
    assert provider.finish().authenticated_at is None


def test_a_sign_in_time_is_kept_however_old(provider: ScriptedProvider) -> None:
    provider.claims["auth_time"] = 0
    assert provider.finish().authenticated_at == datetime(1970, 1, 1, tzinfo=UTC)


def test_a_token_of_another_sign_in_is_refused(provider: ScriptedProvider) -> None:
    provider.begin()
    earlier = provider.sign()
    refused_token(provider, lambda _: earlier, "nonce is missing or not this journey's")


def test_every_refusal_is_outwardly_the_same(provider: ScriptedProvider) -> None:
    provider.claims["aud"] = "another"
    assert refused(provider, "aud").reason == "untrusted"


# A-UO-04: the issuer.


@pytest.mark.parametrize(
    "issuer",
    [
        ISSUER + "/",
        ISSUER.upper(),
        "https://Idp.example",
        ISSUER[:-1],
        ISSUER + ".evil.example",
        "http://idp.example",
        f" {ISSUER}",
        "",
        None,
        ...,
        [ISSUER],
    ],
)
def test_a_uo_04_an_issuer_counts_character_by_character(issuer: object, provider: ScriptedProvider) -> None:
    def make(provider: ScriptedProvider) -> str:
        claims = {"nonce": provider.nonce, **provider.claims, "iss": issuer}
        payload = json.dumps({name: said for name, said in claims.items() if said is not ...}).encode()
        return by_hand({"alg": "ES256", "kid": "idp-1"}, payload, es256)

    refused_token(provider, make, "iss is not exactly")
