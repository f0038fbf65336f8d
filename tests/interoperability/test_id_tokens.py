"""ID tokens minted with joserfc verify with PyJWT and python-jose alike, and with neither once they are touched."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from jose import jwt as python_jose
from jose.exceptions import JOSEError

from tests.citizen import Citizen
from tests.relying_service import RelyingService, call
from tests.running_hub import RunningHub


@pytest.fixture
def token(request: pytest.FixtureRequest, citizen: Citizen) -> tuple[str, str, str]:
    """An ID token, its algorithm and its audience."""
    service: RelyingService = request.getfixturevalue(request.param)
    algorithm = service.differences.get("id_token", {}).get("signed", "ES256")
    return citizen.sign_in(service).id_token, algorithm, service.id


def key_of(hub: RunningHub, token: str) -> dict[str, Any]:
    kid = jwt.get_unverified_header(token)["kid"]
    keys = call("GET", f"{hub.issuer}/jwks").body["keys"]
    (key,) = [key for key in keys if key["kid"] == kid]
    return dict(key)


both_algorithms = pytest.mark.parametrize("token", ["fishing", "library"], indirect=True)


@both_algorithms
def test_two_other_libraries_read_the_same_claims(hub: RunningHub, token: tuple[str, str, str]) -> None:
    text, algorithm, audience = token
    key = key_of(hub, text)

    by_pyjwt = jwt.decode(
        text, jwt.PyJWK(key), algorithms=[algorithm], audience=audience, issuer=hub.issuer, leeway=5
    )
    by_python_jose = python_jose.decode(
        text,
        key,
        algorithms=[algorithm],
        audience=audience,
        issuer=hub.issuer,
        options={"verify_at_hash": False},
    )

    assert by_pyjwt == by_python_jose
    assert by_pyjwt["aud"] == audience


@both_algorithms
def test_a_token_that_was_touched_verifies_with_neither(hub: RunningHub, token: tuple[str, str, str]) -> None:
    text, algorithm, audience = token
    key = key_of(hub, text)
    header, payload, signature = text.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["sub"] = "somebody-else"
    touched = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()

    for forged in (f"{header}.{touched}.{signature}", f"{header}.{payload}.{signature[:-8]}AAAAAAAA"):
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(forged, jwt.PyJWK(key), algorithms=[algorithm], audience=audience)
        with pytest.raises(JOSEError):
            python_jose.decode(
                forged, key, algorithms=[algorithm], audience=audience, options={"verify_at_hash": False}
            )


@both_algorithms
def test_the_access_token_hash_is_the_one_that_python_jose_works_out(
    hub: RunningHub, citizen: Citizen, token: tuple[str, str, str], request: pytest.FixtureRequest
) -> None:
    _, algorithm, audience = token
    service = request.getfixturevalue("fishing" if audience == "fishing-licence" else "library")
    signed_in = citizen.sign_in(service)

    claims = python_jose.decode(
        signed_in.id_token,
        key_of(hub, signed_in.id_token),
        algorithms=[algorithm],
        audience=audience,
        issuer=hub.issuer,
        access_token=signed_in.access_token,
    )

    assert claims["sub"] == signed_in.subject


def test_every_published_key_is_public_named_and_readable_elsewhere(hub: RunningHub) -> None:
    keys = call("GET", f"{hub.issuer}/jwks").body["keys"]

    assert len({key["kid"] for key in keys}) == len(keys) >= 3
    for key in keys:
        assert not {"d", "p", "q", "k", "dp", "dq", "qi"} & set(key)
        assert (key["kty"], key["use"]) in {("EC", "sig"), ("RSA", "sig")}
        assert jwt.PyJWK(key).key is not None


def test_keys_may_be_cached_and_private_answers_may_not(hub: RunningHub) -> None:
    assert "max-age" in call("GET", f"{hub.issuer}/jwks").headers["Cache-Control"]
    assert call("GET", f"{hub.issuer}/userinfo").headers["Cache-Control"] == "no-store"
