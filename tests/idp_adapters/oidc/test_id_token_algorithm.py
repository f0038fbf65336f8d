"""Which signatures are verified, and which never (A-UO-05)."""

from __future__ import annotations

import hmac
import json
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from tests.idp_adapters.oidc.forged_tokens import (
    by_hand,
    payload_of,
    refused,
    refused_token,
    segment,
)
from tests.idp_adapters.oidc.scripted_provider import (
    ACCESS_TOKEN,
    PROVIDER_KEY,
    ScriptedProvider,
    half_hash,
    public_jwk,
)


def test_a_uo_05_an_unsigned_token_is_refused(provider: ScriptedProvider) -> None:
    for algorithm in ("none", "None", "NONE", "nOnE", ""):
        for kid in ({}, {"kid": "idp-1"}):
            refused_token(
                provider,
                lambda p, h={"alg": algorithm, **kid}: by_hand(h, payload_of(p), lambda _: b""),  # type: ignore[misc]
                "algorithm that is not accepted",
            )


def _public_key_forms() -> dict[str, bytes]:
    public = PROVIDER_KEY.public_key()
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return {
        "pem": public.public_bytes(serialization.Encoding.PEM, spki),
        "der": public.public_bytes(serialization.Encoding.DER, spki),
        "ssh": public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH),
        "jwk": json.dumps(public_jwk(PROVIDER_KEY, "idp-1")).encode(),
        "point": public.public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        ),
    }


@pytest.mark.parametrize("form", ["pem", "der", "ssh", "jwk", "point"])
@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_uo_05_the_public_key_is_no_shared_secret(
    form: str, algorithm: str, provider: ScriptedProvider
) -> None:
    secret = _public_key_forms()[form]
    hashed = "sha" + algorithm[2:]

    def make(provider: ScriptedProvider) -> str:
        header = {"alg": algorithm, "kid": "idp-1"}
        return by_hand(header, payload_of(provider), lambda content: hmac.digest(secret, content, hashed))

    refused_token(provider, make, "algorithm that is not accepted")


def test_a_uo_05_a_secret_among_the_published_keys_verifies_nothing(provider: ScriptedProvider) -> None:
    provider.keys.append({"kty": "oct", "kid": "oct-1", "k": segment(b"x" * 32), "alg": "HS256"})
    provider.metadata["id_token_signing_alg_values_supported"] = ["HS256", "ES256"]

    def make(provider: ScriptedProvider) -> str:
        header = {"alg": "HS256", "kid": "oct-1"}
        return by_hand(header, payload_of(provider), lambda c: hmac.digest(b"x" * 32, c, "sha256"))

    refused_token(provider, make, "algorithm that is not accepted")


def test_a_uo_05_an_algorithm_that_the_provider_does_not_name_is_refused(provider: ScriptedProvider) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    provider.keys = [_rsa_jwk(key)]
    provider.signing_key, provider.algorithm, provider.header = key, "PS256", {"kid": "rsa-1"}
    refused(provider, "algorithm that is not accepted")


def test_a_uo_05_an_algorithm_other_than_the_registered_one_is_refused(provider: ScriptedProvider) -> None:
    provider.adapter = provider.build(id_token={"signed": "RS256"})
    refused(provider, "algorithm that is not accepted")


def test_a_uo_05_a_key_of_another_kind_than_the_algorithm_is_not_tried(provider: ScriptedProvider) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    provider.keys = [{**_rsa_jwk(key), "kid": "idp-1"}]
    refused(provider, "no published key that fits")


def test_a_uo_05_a_key_published_for_another_algorithm_is_not_tried(provider: ScriptedProvider) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    provider.metadata["id_token_signing_alg_values_supported"] = ["RS256", "PS256"]
    provider.keys = [{**_rsa_jwk(key), "alg": "PS256"}]
    provider.signing_key, provider.algorithm, provider.header = key, "RS256", {"kid": "rsa-1"}
    refused(provider, "no published key that fits")


def _rsa_jwk(key: rsa.RSAPrivateKey) -> dict[str, Any]:
    jwk: dict[str, Any] = pyjwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {name: value for name, value in jwk.items() if name != "key_ops"} | {"kid": "rsa-1"}


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_rsa_signatures_are_verified_where_the_provider_names_them(
    algorithm: str, provider: ScriptedProvider
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    provider.metadata["id_token_signing_alg_values_supported"] = [algorithm]
    provider.keys = [_rsa_jwk(key)]
    provider.signing_key, provider.algorithm, provider.header = key, algorithm, {"kid": "rsa-1"}
    assert provider.finish().subject


@pytest.mark.parametrize("algorithm", ["EdDSA", "Ed25519"])
@pytest.mark.parametrize("named", ["EdDSA", "Ed25519", None])
def test_ed25519_is_verified_under_both_of_its_names(
    algorithm: str, named: str | None, provider: ScriptedProvider
) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    jwk: dict[str, Any] = {"kty": "OKP", "crv": "Ed25519", "x": segment(raw), "kid": "ed-1"}
    provider.keys = [jwk if named is None else {**jwk, "alg": named}]
    provider.metadata["id_token_signing_alg_values_supported"] = [algorithm]
    departure = provider.begin()
    claims = {"nonce": provider.nonce, **provider.claims, "at_hash": half_hash(ACCESS_TOKEN, "sha512")}
    header = {"alg": algorithm, "kid": "ed-1"}
    provider.id_token = by_hand(header, json.dumps(claims).encode(), key.sign)
    assert provider.finish(departure).subject
