from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode

import pytest
import responses

from idp_adapters.contract import SignInRequest
from tests.idp_adapters.oidc.scripted_provider import (
    ACR,
    CALLBACK,
    CLIENT_ID,
    ISSUER,
    ScriptedProvider,
    query,
)


def test_the_request_is_code_flow_with_pkce_state_and_nonce(provider: ScriptedProvider) -> None:
    departure = provider.begin()
    pending = departure.pending
    challenge = urlsafe_b64encode(hashlib.sha256(pending["code_verifier"].encode()).digest())
    assert departure.redirect_url.startswith(f"{ISSUER}/authorize?")
    assert query(departure.redirect_url) == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "scope": "openid profile",
        "code_challenge_method": "S256",
        "code_challenge": challenge.rstrip(b"=").decode(),
        "state": "journey.state",
        "nonce": pending["nonce"],
        "ui_locales": "en",
        "acr_values": ACR,
    }
    assert set(pending) == {"issuer", "state", "nonce", "code_verifier"}


def test_nonce_and_verifier_are_new_and_long_for_every_request(provider: ScriptedProvider) -> None:
    requests = [provider.begin().pending for _ in range(20)]
    assert len({pending["nonce"] for pending in requests}) == 20
    verifiers = {pending["code_verifier"] for pending in requests}
    assert len(verifiers) == 20
    assert all(43 <= len(verifier) <= 128 for verifier in verifiers)


def test_a_new_sign_in_is_asked_for_in_both_ways(provider: ScriptedProvider) -> None:
    asked = query(provider.begin(fresh=True).redirect_url)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    assert not {"prompt", "max_age"} & query(provider.begin(fresh=False).redirect_url).keys()


def test_a_pr_02_a_request_varies_by_level_freshness_and_language_alone(provider: ScriptedProvider) -> None:
    request = SignInRequest(state="another", levels=("a", "b"), fresh=True, language="cy")
    other = query(provider.adapter.begin(request).redirect_url)
    usual = query(provider.begin().redirect_url)
    varying = {"state", "nonce", "code_challenge", "ui_locales", "acr_values", "prompt", "max_age"}
    assert {name for name in other.keys() | usual.keys() if other.get(name) != usual.get(name)} == varying
    assert other["ui_locales"] == "cy"


@pytest.mark.parametrize(
    ("level_request", "asked"),
    [
        ("acr_values", {"acr_values": "high medium"}),
        ("vtr", {"vtr": '["high","medium"]'}),
        ("claims", {"claims": '{"id_token":{"acr":{"essential":true,"values":["high","medium"]}}}'}),
        ("none", {}),
    ],
)
def test_levels_are_asked_for_as_the_registration_says(
    level_request: str, asked: dict[str, str], mock: responses.RequestsMock
) -> None:
    provider = ScriptedProvider(mock, level_request=level_request)
    sent = query(provider.begin(levels=("high", "medium")).redirect_url)
    assert {name: sent[name] for name in ("acr_values", "vtr", "claims") if name in sent} == asked


@pytest.mark.parametrize("level_request", ["acr_values", "vtr", "claims", "none"])
def test_no_level_asks_for_no_level(level_request: str, mock: responses.RequestsMock) -> None:
    provider = ScriptedProvider(mock, level_request=level_request)
    assert not {"acr_values", "vtr", "claims"} & query(provider.begin(levels=()).redirect_url).keys()


def test_registered_claims_are_asked_of_userinfo_beside_the_level(mock: responses.RequestsMock) -> None:
    provider = ScriptedProvider(mock, level_request="claims", claims=["nationalities", "title"])
    assert json.loads(query(provider.begin().redirect_url)["claims"]) == {
        "userinfo": {"nationalities": None, "title": None},
        "id_token": {"acr": {"essential": True, "values": [ACR]}},
    }


def test_the_query_of_an_endpoint_is_kept(provider: ScriptedProvider) -> None:
    provider.metadata["authorization_endpoint"] = f"{ISSUER}/authorize?tenant=1"
    sent = query(provider.begin().redirect_url)
    assert sent["tenant"] == "1"
    assert sent["client_id"] == CLIENT_ID
