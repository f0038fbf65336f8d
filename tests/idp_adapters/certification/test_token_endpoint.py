from __future__ import annotations

import secrets
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.idp_adapters.certification.relying_party import (
    CLIENT_ID,
    KEY_ID,
    TIMEOUT,
    RelyingParty,
    s256,
    without_assertion,
)
from tests.idp_adapters.certification.stub_process import running_oidc_stub


def test_a_code_cannot_be_redeemed_twice(party: RelyingParty) -> None:
    attempt = party.attempt()
    code = party.code(attempt)
    assert party.token(attempt, code).status_code == 200
    again = party.token(attempt, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("verifier", ["", "wrong" * 10])
def test_a_code_is_worthless_without_its_pkce_verifier(party: RelyingParty, verifier: str) -> None:
    attempt = party.attempt()
    answer = party.token(attempt, party.code(attempt), {"code_verifier": verifier})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_the_challenge_itself_is_no_verifier(party: RelyingParty) -> None:
    attempt = party.attempt()
    answer = party.token(attempt, party.code(attempt), {"code_verifier": s256(attempt.verifier)})
    assert answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "http://127.0.0.1:9/other"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_grant"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"code": ""}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
    ],
)
def test_a_token_request_that_does_not_fit_is_refused(
    party: RelyingParty, changes: dict[str, str], error: str
) -> None:
    attempt = party.attempt()
    answer = party.token(attempt, party.code(attempt), changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://another.example"},
        {"aud": None},
        {"iss": "stranger"},
        {"exp": int(time.time()) - 60},
        {"exp": int(time.time()) + 86_400},
        {"exp": None},
        {"exp": True},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
        {"jti": None},
    ],
)
def test_a_client_assertion_with_a_wrong_claim_is_refused(
    party: RelyingParty, wrong: dict[str, object]
) -> None:
    attempt = party.attempt()
    answer = party.token(attempt, party.code(attempt), {"client_assertion": party.assertion(wrong)})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_assertion_for_several_audiences_is_refused(party: RelyingParty) -> None:
    attempt = party.attempt()
    assertion = party.assertion({"aud": [party.issuer, "https://another.example"]})
    answer = party.token(attempt, party.code(attempt), {"client_assertion": assertion})
    assert answer.json()["error"] == "invalid_client"


def test_an_assertion_under_another_key_is_refused(party: RelyingParty) -> None:
    attempt = party.attempt()
    assertion = party.assertion(key=ec.generate_private_key(ec.SECP256R1()))
    answer = party.token(attempt, party.code(attempt), {"client_assertion": assertion})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_assertion_without_signature_or_under_a_shared_secret_is_refused(party: RelyingParty) -> None:
    claims = jwt.decode(party.assertion(), options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": KEY_ID})
    shared = jwt.encode(claims, "s" * 32, algorithm="HS256", headers={"kid": KEY_ID})
    for assertion in (unsigned, shared, "not-a-jwt", "a.b.c"):
        attempt = party.attempt()
        answer = party.token(attempt, party.code(attempt), {"client_assertion": assertion})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_assertion_cannot_be_used_twice(party: RelyingParty) -> None:
    assertion = party.assertion()
    statuses = []
    for _ in range(2):
        attempt = party.attempt()
        statuses.append(
            party.token(attempt, party.code(attempt), {"client_assertion": assertion}).status_code
        )
    assert statuses == [200, 401]


def test_a_refused_client_does_not_spend_the_code(party: RelyingParty) -> None:
    attempt = party.attempt()
    code = party.code(attempt)
    assert party.token(attempt, code, {"client_assertion": party.assertion({"aud": "x"})}).status_code == 401
    assert party.token(attempt, code).status_code == 200


def test_a_client_must_authenticate_and_by_one_method_only(party: RelyingParty) -> None:
    attempt = party.attempt()
    form = party.token_request(attempt, party.code(attempt))
    bare = without_assertion(form)
    address = f"{party.issuer}/token"
    for body, auth in ((bare, None), (form, (CLIENT_ID, "secret")), ({**bare, "client_secret": "s"}, None)):
        answer = party.http.post(address, data=body, auth=auth, timeout=TIMEOUT)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert "WWW-Authenticate" in answer.headers


def test_any_secret_will_do_unless_one_is_configured(party: RelyingParty) -> None:
    attempt = party.attempt()
    assert party.token(attempt, party.code(attempt), auth=(CLIENT_ID, "any")).status_code == 200
    with running_oidc_stub("--client-secret", "the right one") as issuer:
        other = RelyingParty(issuer=issuer, redirect_uri=party.redirect_uri, key=party.key, http=party.http)
        for secret, status in (("any", 401), ("the+right+one", 200)):
            attempt = other.attempt()
            assert other.token(attempt, other.code(attempt), auth=(CLIENT_ID, secret)).status_code == status


def test_a_code_of_one_client_is_worthless_to_another(party: RelyingParty) -> None:
    attempt = party.attempt()
    answer = party.token(attempt, party.code(attempt), {"client_id": "stranger"}, auth=("stranger", "secret"))
    assert answer.json()["error"] == "invalid_grant"


def test_keys_are_found_where_the_option_says(party: RelyingParty) -> None:
    published = party.redirect_uri.partition("/providers/")[0] + "/jwks"
    with running_oidc_stub("--client-jwks-uri", published) as issuer:
        elsewhere = "http://127.0.0.1:9/callback"
        other = RelyingParty(issuer=issuer, redirect_uri=elsewhere, key=party.key, http=party.http)
        assert other.sign_in().answer.status_code == 200


def test_keys_that_cannot_be_fetched_are_an_invalid_client_and_no_stack_trace(party: RelyingParty) -> None:
    other = RelyingParty(
        issuer=party.issuer, redirect_uri="http://127.0.0.1:9/callback", key=party.key, http=party.http
    )
    answer = other.sign_in().answer
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_userinfo_asks_for_an_access_token_that_it_knows(party: RelyingParty) -> None:
    address = f"{party.issuer}/userinfo"
    id_token = party.sign_in().id_token
    for token in ("", "Bearer unknown", f"Bearer {id_token}", "Basic eDp5"):
        answer = party.http.get(address, headers={"Authorization": token}, timeout=TIMEOUT)
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_userinfo_may_be_posted(party: RelyingParty) -> None:
    token = party.sign_in().answer.json()["access_token"]
    answer = party.http.post(f"{party.issuer}/userinfo", data={"access_token": token}, timeout=TIMEOUT)
    assert answer.json()["given_name"] == "Amelia"


def test_tokens_are_not_cached(party: RelyingParty) -> None:
    assert party.sign_in().answer.headers["Cache-Control"] == "no-store"


def test_a_body_beyond_all_reason_is_refused(party: RelyingParty) -> None:
    body = {"grant_type": secrets.token_hex(200_000)}
    assert party.http.post(f"{party.issuer}/token", data=body, timeout=TIMEOUT).status_code == 413
