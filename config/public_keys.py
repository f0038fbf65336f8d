"""Public keys written into a registration (RFC 7517): never a private part, never too weak to trust.

Every key has a `kid` of its own, so that a signature names the one key that can have made it.
"""

import base64
import binascii
from typing import Literal, Self

from joserfc.errors import JoseError
from joserfc.jwk import import_key
from pydantic import ConfigDict, Field, model_validator

from config.algorithms import KeyAgreement, SigningAlgorithm
from config.registry_model import OneLine, RegistryModel

SMALLEST_RSA_BITS = 2048

_PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
_SIGNATURE_CURVES = {
    SigningAlgorithm.ES256: {"P-256"},
    SigningAlgorithm.ED25519: {"Ed25519"},
}
_AGREEMENT_CURVES = {"P-256", "P-384", "P-521", "X25519"}


class PublicKey(RegistryModel):
    """One public JWK; members that RFC 7517 does not define are left out, as it says readers do."""

    # Strict reading takes lists for tuples from JSON alone; what looks for private members sees plain values.
    model_config = ConfigDict(extra="ignore", strict=False, populate_by_name=True)

    kty: Literal["RSA", "EC", "OKP"]
    kid: OneLine
    use: Literal["sig", "enc"] | None = None
    key_ops: tuple[str, ...] | None = None
    alg: str | None = None
    crv: Literal["P-256", "P-384", "P-521", "Ed25519", "X25519"] | None = None
    x: str | None = None
    y: str | None = None
    n: str | None = None
    e: str | None = None
    x5c: tuple[str, ...] | None = None
    x5t_s256: str | None = Field(default=None, alias="x5t#S256")

    @model_validator(mode="before")
    @classmethod
    def _hold_nothing_private(cls, members: object) -> object:
        if isinstance(members, dict) and (private := [name for name in _PRIVATE_MEMBERS if name in members]):
            raise ValueError(
                f"holds the private member {private[0]}: this key is no longer secret, make a new one "
                "and register its public part only"
            )
        return members

    @model_validator(mode="after")
    def _be_usable(self) -> Self:
        if self.kty == "RSA" and _bits(self.n) < SMALLEST_RSA_BITS:
            raise ValueError(f"is an RSA key of fewer than {SMALLEST_RSA_BITS} bits")
        if self.kty != "RSA" and self.crv is None:
            raise ValueError("must name its curve in crv")
        try:
            import_key(self.members(), self.kty)
        except (JoseError, ValueError, KeyError) as error:
            raise ValueError(f"is not a readable {self.kty} public key") from error
        return self

    def members(self) -> dict[str, str | list[str]]:
        """Return the key as a JWK object, to be read by a JOSE library."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def can_verify(self, algorithm: SigningAlgorithm | None) -> bool:
        """Whether signatures by this algorithm (None: by any that we know) can be checked with this key."""
        if self.use == "enc":
            return False
        return any(
            self.kty == "RSA" if wanted not in _SIGNATURE_CURVES else self.crv in _SIGNATURE_CURVES[wanted]
            for wanted in ([algorithm] if algorithm else SigningAlgorithm)
            if self.alg in {None, wanted.value}
        )

    def can_encrypt_for(self, agreement: KeyAgreement) -> bool:
        """Whether tokens can be encrypted to this key by this key agreement."""
        if self.use == "sig" or self.alg not in {None, agreement.value}:
            return False
        return self.kty == "RSA" if agreement is KeyAgreement.RSA_OAEP_256 else self.crv in _AGREEMENT_CURVES


class PublicKeySet(RegistryModel):
    """A JWK Set (RFC 7517 5) written in place, with a different `kid` for each key."""

    keys: tuple[PublicKey, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _name_each_key_once(self) -> Self:
        names = [key.kid for key in self.keys]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"has two keys with kid {repeated[0]}")
        return self

    def members(self) -> dict[str, list[dict[str, str | list[str]]]]:
        """Return the set as a JWKS object, to be read by a JOSE library."""
        return {"keys": [key.members() for key in self.keys]}


def _bits(modulus: str | None) -> int:
    text = modulus or ""
    try:
        number = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return 0
    return int.from_bytes(number).bit_length()
