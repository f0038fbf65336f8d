from __future__ import annotations

import json
import warnings

import jwt
import pytest
from joserfc.errors import SecurityWarning
from pydantic import ValidationError

from config.algorithms import KeyAgreement, SigningAlgorithm
from config.public_keys import PublicKey, PublicKeySet
from tests.config.keys import Jwk, a_private_key, a_public_key, a_symmetric_key


def read(key: Jwk) -> PublicKey:
    return PublicKey.model_validate_json(json.dumps(key))


@pytest.mark.parametrize(
    ("kind", "size"),
    [("EC", "P-256"), ("EC", "P-384"), ("EC", "P-521"), ("RSA", 2048), ("OKP", "Ed25519"), ("OKP", "X25519")],
)
def test_a_public_key_is_read_and_given_on_unchanged(kind: str, size: str | int) -> None:
    written = a_public_key(kind, size)
    assert read(written).members() == written


def test_a_key_given_on_is_one_that_another_library_understands() -> None:
    key_set = PublicKeySet.model_validate_json(json.dumps({"keys": [a_public_key(alg="ES256", use="sig")]}))
    assert jwt.PyJWKSet.from_dict(key_set.members())["one"].algorithm_name == "ES256"


@pytest.mark.parametrize(("kind", "size"), [("EC", "P-256"), ("RSA", 2048), ("OKP", "Ed25519")])
def test_a_private_key_is_refused(kind: str, size: str | int) -> None:
    with pytest.raises(ValidationError, match="private member d"):
        read(a_private_key(kind, size))


def test_a_symmetric_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="private member k"):
        read(a_symmetric_key())


def test_an_rsa_key_of_fewer_than_2048_bits_is_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        weak = a_public_key("RSA", 1024)
    with pytest.raises(ValidationError, match="fewer than 2048 bits"):
        read(weak)


@pytest.mark.parametrize(
    "differences",
    [
        {"kid": None},
        {"kid": ""},
        {"kty": "oct"},
        {"kty": "RSA"},
        {"crv": "secp256k1"},
        {"crv": "P-192"},
        {"crv": None},
        {"x": "AAAA"},
        {"x": "not base64url!"},
        {"y": None},
        {"use": "anything"},
    ],
)
def test_a_key_that_cannot_be_used_is_refused(differences: Jwk) -> None:
    with pytest.raises(ValidationError):
        read(a_public_key(**differences))


def test_an_rsa_key_whose_modulus_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValidationError, match="fewer than 2048 bits"):
        read(a_public_key("RSA", 2048, n="????"))


def test_members_that_nobody_defined_are_left_out() -> None:
    assert "colour" not in read(a_public_key(colour="blue")).members()


def test_a_thumbprint_keeps_its_wire_name() -> None:
    assert read(a_public_key(**{"x5t#S256": "abc"})).members()["x5t#S256"] == "abc"


def test_two_keys_of_one_set_have_different_names() -> None:
    with pytest.raises(ValidationError, match="two keys with kid one"):
        PublicKeySet.model_validate_json(json.dumps({"keys": [a_public_key(), a_public_key("RSA", 2048)]}))


def test_a_set_without_keys_is_refused() -> None:
    with pytest.raises(ValidationError):
        PublicKeySet.model_validate_json('{"keys": []}')


@pytest.mark.parametrize(
    ("key", "verifies"),
    [
        (a_public_key("EC", "P-256"), {SigningAlgorithm.ES256}),
        (a_public_key("EC", "P-384"), set()),
        (a_public_key("RSA", 2048), {SigningAlgorithm.RS256, SigningAlgorithm.PS256}),
        (a_public_key("RSA", 2048, alg="PS256"), {SigningAlgorithm.PS256}),
        (a_public_key("OKP", "Ed25519"), {SigningAlgorithm.ED25519}),
        (a_public_key("OKP", "X25519"), set()),
        (a_public_key("EC", "P-256", use="enc"), set()),
    ],
)
def test_a_key_verifies_only_what_its_type_and_purpose_allow(
    key: Jwk, verifies: set[SigningAlgorithm]
) -> None:
    assert {algorithm for algorithm in SigningAlgorithm if read(key).can_verify(algorithm)} == verifies
    assert read(key).can_verify(None) == bool(verifies)


@pytest.mark.parametrize(
    ("key", "encrypts"),
    [
        (a_public_key("EC", "P-256"), {"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"}),
        (a_public_key("OKP", "X25519", alg="ECDH-ES"), {"ECDH-ES"}),
        (a_public_key("OKP", "Ed25519"), set()),
        (a_public_key("RSA", 2048), {"RSA-OAEP-256"}),
        (a_public_key("RSA", 2048, use="sig"), set()),
    ],
)
def test_a_key_encrypts_only_what_its_type_and_purpose_allow(key: Jwk, encrypts: set[str]) -> None:
    assert {agreement.value for agreement in KeyAgreement if read(key).can_encrypt_for(agreement)} == encrypts
