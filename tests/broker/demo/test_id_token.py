"""What a service refuses to believe; OpenID Connect Core 3.1.3.7."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from broker.demo import errors
from broker.demo.id_token import LEEWAY_SECONDS, Expected, verify_id_token
from broker.demo.levels import LEVEL_PREFIX
from tests.broker.demo.simulated_hub import (
    ACCESS_TOKEN,
    CLIENT_ID,
    ISSUER,
    MEDIUM,
    PrivateKey,
    at_hash,
    public_jwk,
)

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
FOREIGN_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JWKS = {"keys": [public_jwk(KEY, "hub-key"), public_jwk(RSA_KEY, "rsa-key")]}
EXPECTED = Expected(
    issuer=ISSUER,
    client_id=CLIENT_ID,
    nonce="our-nonce",
    algorithm="ES256",
    accepted_levels=(MEDIUM,),
    access_token=ACCESS_TOKEN,
)


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def claims(**changes: object) -> dict[str, Any]:
    good: dict[str, object] = {
        "iss": ISSUER,
        "sub": "somebody",
        "aud": CLIENT_ID,
        "iat": seconds(NOW),
        "exp": seconds(NOW) + 300,
        "auth_time": seconds(NOW) - 60,
        "nonce": "our-nonce",
        "acr": MEDIUM,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def token(
    *, key: PrivateKey | str = KEY, algorithm: str = "ES256", kid: str = "hub-key", **changes: object
) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"kid": kid})


def verify(unverified_token: str, expected: Expected = EXPECTED, now: datetime = NOW) -> str:
    return verify_id_token(unverified_token, jwks=JWKS, expected=expected, now=now).subject


def test_a_good_token_is_believed() -> None:
    assert verify(token(at_hash=at_hash(ACCESS_TOKEN))) == "somebody"


def test_a_token_signed_with_rs256_is_believed_where_that_is_registered() -> None:
    expected = dataclasses.replace(EXPECTED, algorithm="RS256")
    assert verify(token(key=RSA_KEY, algorithm="RS256", kid="rsa-key"), expected) == "somebody"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"aud": "library-card"}, errors.IdTokenAudienceError, id="for-another-service"),
        pytest.param({"aud": [CLIENT_ID, "library-card"]}, errors.IdTokenAudienceError, id="for-others-too"),
        pytest.param({"azp": "library-card"}, errors.IdTokenAudienceError, id="another-authorized-party"),
        pytest.param({"aud": None}, errors.IdTokenMalformedError, id="for-nobody"),
        pytest.param({"iss": "http://localhost:8401"}, errors.IdTokenIssuerError, id="another-issuer"),
        pytest.param({"iss": f"{ISSUER}/"}, errors.IdTokenIssuerError, id="an-issuer-much-like-it"),
        pytest.param({"nonce": "another"}, errors.IdTokenNonceError, id="another-nonce"),
        pytest.param({"nonce": ["our-nonce"]}, errors.IdTokenNonceError, id="a-list-of-nonces"),
        pytest.param({"nonce": None}, errors.IdTokenMalformedError, id="no-nonce"),
        pytest.param({"sub": None}, errors.IdTokenMalformedError, id="no-subject"),
        pytest.param({"sub": 7}, errors.IdTokenMalformedError, id="a-subject-that-is-no-text"),
        pytest.param({"exp": None}, errors.IdTokenMalformedError, id="no-expiry"),
        pytest.param({"exp": "soon"}, errors.IdTokenMalformedError, id="an-expiry-that-is-no-time"),
        pytest.param({"exp": True}, errors.IdTokenMalformedError, id="an-expiry-that-is-a-yes"),
        pytest.param({"iat": seconds(NOW) + 3600}, errors.IdTokenExpiredError, id="from-the-future"),
        pytest.param({"at_hash": at_hash("another")}, errors.AccessTokenMismatchError, id="another-token"),
        pytest.param({"acr": f"{LEVEL_PREFIX}low.medium"}, errors.LevelTooLowError, id="less-proofing"),
        pytest.param({"acr": f"{LEVEL_PREFIX}high.low"}, errors.LevelTooLowError, id="less-protection"),
        pytest.param({"acr": "urn:mace:incommon:iap:silver"}, errors.LevelTooLowError, id="a-foreign-level"),
        pytest.param({"acr": None}, errors.IdTokenMalformedError, id="no-level"),
    ],
)
def test_a_token_that_says_something_else_is_refused(
    changes: dict[str, Any], error: type[errors.IdTokenError]
) -> None:
    with pytest.raises(error):
        verify(token(**changes))


def test_a_higher_level_than_needed_is_accepted() -> None:
    assert verify(token(acr=f"{LEVEL_PREFIX}very_high.high")) == "somebody"


def test_a_token_is_believed_until_its_expiry_and_the_leeway_have_passed() -> None:
    end = NOW + timedelta(seconds=300 + LEEWAY_SECONDS)
    assert verify(token(), now=end - timedelta(seconds=1)) == "somebody"
    for late in (end, end + timedelta(seconds=1)):
        with pytest.raises(errors.IdTokenExpiredError):
            verify(token(), now=late)


def test_a_token_signed_with_another_key_is_refused() -> None:
    with pytest.raises(errors.IdTokenSignatureError):
        verify(token(key=FOREIGN_KEY))


def test_a_token_under_an_unknown_key_is_refused() -> None:
    with pytest.raises(errors.IdTokenKeyError):
        verify(token(key=FOREIGN_KEY, kid="foreign-key"))


def test_a_token_under_a_key_of_another_kind_is_refused() -> None:
    with pytest.raises(errors.IdTokenKeyError):
        verify(token(kid="rsa-key"))


def test_a_token_without_signature_is_refused() -> None:
    with pytest.raises(errors.IdTokenAlgorithmError):
        verify(token(key="", algorithm="none"))


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused() -> None:
    with pytest.raises(errors.IdTokenAlgorithmError):
        verify(token(key=str(JWKS["keys"][0]), algorithm="HS256"))


def test_a_token_signed_with_an_algorithm_that_is_not_registered_is_refused() -> None:
    with pytest.raises(errors.IdTokenAlgorithmError):
        verify(token(key=RSA_KEY, algorithm="RS256", kid="rsa-key"))


@pytest.mark.parametrize("text", ["", "no token", "a.b.c", "..", "e30.e30."])
def test_what_is_no_token_is_refused_without_a_stack_trace(text: str) -> None:
    with pytest.raises(errors.IdTokenError):
        verify(text)


def test_a_sign_in_older_than_asked_is_refused() -> None:
    fresh = dataclasses.replace(EXPECTED, signed_in_since=NOW - timedelta(seconds=60))
    assert verify(token(auth_time=seconds(NOW) - 60), fresh) == "somebody"
    with pytest.raises(errors.SignInTooOldError):
        verify(token(auth_time=seconds(NOW) - 61 - LEEWAY_SECONDS), fresh)
    with pytest.raises(errors.SignInTooOldError):
        verify(token(auth_time=None), fresh)
