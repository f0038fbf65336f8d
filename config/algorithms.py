"""JOSE algorithms that a registration may name; everything else, `none` above all, cannot be written down."""

from __future__ import annotations

import enum


class SigningAlgorithm(enum.StrEnum):
    """Signatures (RFC 7518 3.1; Ed25519 as fully specified in RFC 9864)."""

    ES256 = "ES256"
    RS256 = "RS256"
    PS256 = "PS256"
    ED25519 = "Ed25519"


class KeyAgreement(enum.StrEnum):
    """How the key of an encrypted token reaches its reader (RFC 7518 4.1); RSA 1.5 is left out on purpose."""

    ECDH_ES = "ECDH-ES"
    ECDH_ES_A128KW = "ECDH-ES+A128KW"
    ECDH_ES_A256KW = "ECDH-ES+A256KW"
    RSA_OAEP_256 = "RSA-OAEP-256"


class ContentEncryption(enum.StrEnum):
    """How the content of an encrypted token is sealed (RFC 7518 5.1)."""

    A128GCM = "A128GCM"
    A256GCM = "A256GCM"
    A128CBC_HS256 = "A128CBC-HS256"
    A256CBC_HS512 = "A256CBC-HS512"
