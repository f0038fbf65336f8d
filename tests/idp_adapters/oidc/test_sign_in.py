"""A whole sign-in, and what each party sees of it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import jwt as pyjwt
import responses

from idp_adapters.identity import ClaimedAssurance, VerifiedIdentity
from tests.idp_adapters.oidc.scripted_provider import (
    ACCESS_TOKEN,
    ACR,
    CALLBACK,
    CLIENT_ID,
    HUB_KEY,
    ISSUER,
    NOW,
    SUBJECT,
    ScriptedProvider,
)


def test_a_sign_in_yields_the_person_as_the_provider_vouched(provider: ScriptedProvider) -> None:
    departure = provider.begin()
    provider.id_token = provider.sign()
    assert provider.finish(departure) == VerifiedIdentity(
        provider="northgate",
        subject=SUBJECT,
        attributes={"name": "Amelia Thornbury"},
        assurance=ClaimedAssurance(value=ACR, found_in="id_token.acr"),
        authenticated_at=NOW - timedelta(seconds=5),
        methods=("pwd", "otp"),
        provider_session=None,
        assertion_digest=hashlib.sha256(provider.id_token.encode()).digest(),
    )


def test_the_description_and_the_keys_are_fetched_once_and_not_for_every_person(
    provider: ScriptedProvider,
) -> None:
    for _ in range(3):
        provider.finish()
    assert [provider.calls(endpoint) for endpoint in ("discovery", "jwks", "token", "userinfo")] == [
        1,
        1,
        3,
        3,
    ]


def test_the_code_is_redeemed_with_verifier_callback_and_assertion(provider: ScriptedProvider) -> None:
    departure = provider.begin()
    provider.finish(departure)
    form = provider.form()
    assertion = form.pop("client_assertion")
    assert form == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": CALLBACK,
        "code_verifier": departure.pending["code_verifier"],
        "client_id": CLIENT_ID,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    verified = pyjwt.decode(
        assertion,
        pyjwt.PyJWK(HUB_KEY.as_dict(private=False) | {"alg": "ES256"}),
        algorithms=["ES256"],
        audience=ISSUER,
        options={"strict_aud": True, "verify_exp": False, "verify_iat": False},
    )
    assert pyjwt.get_unverified_header(assertion) == {"typ": "JWT", "alg": "ES256", "kid": "hub-1"}
    assert len(verified.pop("jti")) >= 22
    issued = int(NOW.timestamp())
    assert verified == {
        "iss": CLIENT_ID,
        "sub": CLIENT_ID,
        "aud": ISSUER,
        "iat": issued,
        "exp": issued + 60,
    }


def test_no_two_assertions_share_their_jti(provider: ScriptedProvider) -> None:
    provider.finish()
    first = provider.form()["client_assertion"]
    provider.heard.clear()
    provider.finish()
    assert provider.form()["client_assertion"] != first


def test_a_client_secret_goes_form_encoded_into_the_basic_header(mock: responses.RequestsMock) -> None:
    provider = ScriptedProvider(
        mock, client_authentication={"method": "client_secret_basic", "secret_env": "NORTHGATE_SECRET"}
    )
    provider.finish()
    request = next(request for name, request in provider.heard if name == "token")
    # countersign:s3cret%2F%26%3D%C3%A9
    expected = "Basic Y291bnRlcnNpZ246czNjcmV0JTJGJTI2JTNEJUMzJUE5"
    assert request.headers["Authorization"] == expected
    assert not provider.form().keys() & {"client_assertion", "client_secret", "client_id"}


def test_userinfo_is_asked_with_the_access_token_in_the_header_alone(provider: ScriptedProvider) -> None:
    provider.finish()
    request = next(request for name, request in provider.heard if name == "userinfo")
    assert request.headers["Authorization"] == f"Bearer {ACCESS_TOKEN}"
    assert request.url == f"{ISSUER}/userinfo"
    assert request.body is None


def test_a_provider_without_userinfo_gives_what_its_id_token_says(provider: ScriptedProvider) -> None:
    del provider.metadata["userinfo_endpoint"]
    provider.claims["given_name"] = "Amelia"
    assert provider.finish().attributes == {"given_name": "Amelia"}


def test_the_same_answer_is_judged_the_same_again(provider: ScriptedProvider) -> None:
    departure = provider.begin()
    provider.id_token = provider.sign()
    assert provider.finish(departure) == provider.finish(departure)
