from __future__ import annotations

import hashlib
import hmac
import time
from base64 import urlsafe_b64decode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAlgorithmError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidSignatureError,
    InvalidTokenError,
    MissingRequiredClaimError,
)

from idp_adapters.certification.simulator import Outcome
from tests.idp_adapters.certification.relying_party import CLIENT_ID, TIMEOUT, RelyingParty, SignedIn

NORTHGATE = "urn:example:northgate:"

# What the contract promises of both stubs and of this one.
CONTRACT = {
    *(
        "success",
        "cancel",
        "not-proved",
        "lower-level",
        "fraud",
        "slow",
        "server-error",
        "garbage",
        "expired",
    ),
    *("wrong-audience", "wrong-issuer", "replay", "foreign-key", "stale"),
    *("wrong-nonce", "alg-none", "userinfo-other-subject"),
}


def test_every_outcome_of_the_contract_exists() -> None:
    assert {outcome.value for outcome in Outcome} >= CONTRACT


@pytest.mark.parametrize(
    ("outcome", "error"),
    [("cancel", "access_denied"), ("not-proved", "unmet_authentication_requirements")],
)
def test_a_sign_in_that_fails_goes_back_with_its_error_and_no_code(
    party: RelyingParty, outcome: str, error: str
) -> None:
    attempt = party.attempt()
    returned = party.returned(party.authorize(attempt, "complete", outcome))
    assert returned["error"] == error
    assert returned["state"] == attempt.parameters["state"]
    assert returned["iss"] == party.issuer
    assert "code" not in returned
    assert party.returned(party.authorize(party.attempt(prompt="none")))["error"] == "login_required"


@pytest.mark.parametrize(("asked", "asserted"), [("high", "medium"), ("medium", "low"), ("low", "none")])
def test_lower_level_asserts_one_level_less_and_is_correct_otherwise(
    party: RelyingParty, asked: str, asserted: str
) -> None:
    claims = party.sign_in(outcome="lower-level", acr_values=NORTHGATE + asked).verified_claims()
    assert claims["acr"] == NORTHGATE + asserted


def test_fraud_asserts_no_level_and_tells_nothing_of_the_person(party: RelyingParty) -> None:
    honest = party.sign_in("welsh").verified_claims()
    first, second = (party.sign_in("welsh", "fraud") for _ in range(2))
    assert first.verified_claims()["acr"] == f"{NORTHGATE}fraud"
    assert first.userinfo()["name"] == "Withheld"
    assert len({honest["sub"], first.verified_claims()["sub"], second.verified_claims()["sub"]}) == 3


def test_stale_admits_a_sign_in_of_hours_ago_although_a_new_one_was_asked(party: RelyingParty) -> None:
    claims = party.sign_in(outcome="stale", prompt="login", max_age="0").verified_claims()
    assert claims["iat"] - claims["auth_time"] == 6 * 3600


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [
        ("expired", ExpiredSignatureError),
        ("wrong-audience", InvalidAudienceError),
        ("wrong-issuer", InvalidIssuerError),
        ("foreign-key", InvalidSignatureError),
        ("future-issued", ImmatureSignatureError),
        ("alg-none", InvalidAlgorithmError),
        ("public-key-as-secret", InvalidAlgorithmError),
        ("missing-nonce", MissingRequiredClaimError),
        ("unknown-critical", InvalidTokenError),
    ],
)
def test_another_library_refuses_the_token_for_the_reason_that_the_outcome_names(
    party: RelyingParty, outcome: str, cause: type[InvalidTokenError]
) -> None:
    signed_in = party.sign_in(outcome=outcome)
    with pytest.raises(cause):
        signed_in.verified_claims()


@pytest.mark.parametrize(
    ("outcome", "differs"),
    [
        ("expired", {"iat", "exp"}),
        ("wrong-audience", {"aud"}),
        ("wrong-issuer", {"iss"}),
        ("foreign-key", set()),
        ("stale", {"auth_time"}),
        ("lower-level", {"acr"}),
        ("wrong-nonce", {"nonce"}),
        ("replay", {"nonce"}),
        ("alg-none", set()),
        ("missing-nonce", {"nonce"}),
        ("stranger-audience", {"aud"}),
        ("wrong-authorized-party", {"azp"}),
        ("future-issued", {"iat", "exp"}),
        ("public-key-as-secret", set()),
        ("embedded-key", set()),
        ("unknown-critical", set()),
    ],
)
def test_a_wrong_token_is_wrong_in_that_one_way_only(
    party: RelyingParty, outcome: str, differs: set[str]
) -> None:
    signed_in = party.sign_in("no-address", outcome)
    wrong, right = signed_in.unverified_claims, expected_claims(signed_in)
    found = {name for name in wrong.keys() | right.keys() if wrong.get(name) != right.get(name)}
    # A second may have passed between the two clocks.
    assert found - {"iat", "exp", "auth_time"} == differs - {"iat", "exp", "auth_time"}
    for name in ("iat", "exp", "auth_time"):
        assert (abs(wrong[name] - right[name]) > 5) is (name in differs)


def test_wrong_issuer_differs_by_a_slash_alone(party: RelyingParty) -> None:
    assert party.sign_in(outcome="wrong-issuer").unverified_claims["iss"] == f"{party.issuer}/"


def test_stranger_audience_contains_the_client_too(party: RelyingParty) -> None:
    audience = party.sign_in(outcome="stranger-audience").verified_claims()["aud"]
    assert CLIENT_ID in audience
    assert len(audience) == 2


def test_replay_repeats_the_whole_answer_that_the_client_got_before(party: RelyingParty) -> None:
    earlier = party.sign_in("mononym")
    replayed = party.sign_in("mononym", "replay")
    assert replayed.answer.json() == earlier.answer.json()
    assert replayed.verified_claims()["nonce"] == earlier.attempt.nonce != replayed.attempt.nonce
    assert replayed.userinfo()["sub"] == earlier.verified_claims()["sub"]


def test_replay_without_anything_earlier_still_bears_a_nonce_of_another_journey(party: RelyingParty) -> None:
    first, second = (party.sign_in("complete-4711", "replay") for _ in range(2))
    assert first.verified_claims()["nonce"] != first.attempt.nonce
    assert first.id_token == second.id_token


def test_foreign_key_goes_by_the_published_keys_name(party: RelyingParty) -> None:
    assert party.sign_in(outcome="foreign-key").header["kid"] == published_key(party)["kid"]


def test_alg_none_has_no_signature_at_all(party: RelyingParty) -> None:
    signed_in = party.sign_in(outcome="alg-none")
    assert signed_in.header["alg"] == "none"
    assert signed_in.id_token.endswith(".")


def test_public_key_as_secret_verifies_for_whoever_takes_the_public_key_for_a_secret(
    party: RelyingParty,
) -> None:
    signed_in = party.sign_in(outcome="public-key-as-secret")
    secret = verification_key(party).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    content, _, signature = signed_in.id_token.rpartition(".")
    assert signed_in.header["alg"] == "HS256"
    assert hmac.digest(secret, content.encode(), hashlib.sha256) == urlsafe_b64decode(signature + "==")


def test_embedded_key_verifies_by_the_key_that_the_token_brings(party: RelyingParty) -> None:
    signed_in = party.sign_in(outcome="embedded-key")
    brought = jwt.PyJWK(signed_in.header["jwk"], algorithm="ES256")
    jwt.decode(signed_in.id_token, brought, algorithms=["ES256"], audience=CLIENT_ID, issuer=party.issuer)
    assert signed_in.header["jwk"]["x"] != published_key(party)["x"]
    assert "kid" not in signed_in.header


def test_unknown_critical_is_signed_correctly(party: RelyingParty) -> None:
    signed_in = party.sign_in(outcome="unknown-critical")
    (critical,) = signed_in.header["crit"]
    assert critical in signed_in.header
    content, _, signature = signed_in.id_token.rpartition(".")
    es256 = ECAlgorithm(ECAlgorithm.SHA256)
    assert es256.verify(content.encode(), verification_key(party), urlsafe_b64decode(signature + "=="))


def test_wrong_response_issuer_names_another_provider_beside_a_good_code(party: RelyingParty) -> None:
    attempt = party.attempt()
    returned = party.returned(party.authorize(attempt, "complete", "wrong-response-issuer"))
    assert returned["iss"] != party.issuer
    assert party.redeem(attempt, returned["code"]).verified_claims()["iss"] == party.issuer


@pytest.mark.parametrize("persona", ["complete", "second-complete", "complete-5"])
def test_userinfo_other_subject_tells_of_somebody_else(party: RelyingParty, persona: str) -> None:
    signed_in = party.sign_in(persona, "userinfo-other-subject")
    assert signed_in.userinfo()["sub"] != signed_in.verified_claims()["sub"]


def published_key(party: RelyingParty) -> dict[str, str]:
    (key,) = party.http.get(f"{party.issuer}/jwks", timeout=TIMEOUT).json()["keys"]
    return dict(key)


def verification_key(party: RelyingParty) -> ec.EllipticCurvePublicKey:
    key = ECAlgorithm.from_jwk(published_key(party))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def expected_claims(signed_in: SignedIn) -> dict[str, object]:
    """What a correct token would say, whose access token is the one in the same answer."""
    now = int(time.time())
    access_token = signed_in.answer.json()["access_token"]
    return {
        **{name: signed_in.party.sign_in("no-address").verified_claims()[name] for name in ("sub", "amr")},
        "iss": signed_in.party.issuer,
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 300,
        "auth_time": now,
        "nonce": signed_in.attempt.nonce,
        "acr": f"{NORTHGATE}medium",
        "at_hash": jwt.utils.base64url_encode(hashlib.sha256(access_token.encode()).digest()[:16]).decode(),
    }
