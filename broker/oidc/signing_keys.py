"""The keys that sign what the hub issues, and their public halves for everybody who verifies it.

Invariant: every key has a kid that no other has, one algorithm, and one use; only public members are ever
published, the keys that come next and those that have gone included, so that a rotation surprises nobody
(OIDC Core §10.1.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from broker.key_store import KeyState
from config.federation import SigningAlgorithm

SMALLEST_RSA_BITS: Final = 2048
_ORDER: Final = (KeyState.ACTIVE, KeyState.NEXT, KeyState.RETIRED)


class SigningKeyError(Exception):
    """A signing key does not fit its algorithm, shares its kid, or is missing; says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """One key pair, parsed once; `key` holds the private half and is never shown."""

    kid: str
    algorithm: SigningAlgorithm
    key: Key = field(repr=False)
    state: KeyState

    def public_jwk(self) -> dict[str, Any]:
        """Return the public members with kid, use and alg (RFC 7517 §4)."""
        members = self.key.as_dict(private=False)
        return {**members, "kid": self.kid, "use": "sig", "alg": self.algorithm.value}


class SigningKeys:
    """All signing keys of the hub."""

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        """Take the keys; raises SigningKeyError for one that is unfit or shares its kid."""
        ordered = sorted(keys, key=lambda it: (_ORDER.index(it.state), it.algorithm.value, it.kid))
        self._by_kid: Mapping[str, SigningKey] = {key.kid: key for key in ordered}
        if len(self._by_kid) != len(ordered):
            raise SigningKeyError("two signing keys share a kid")
        for key in ordered:
            _refuse_unfit(key)
        self._active = {key.algorithm: key for key in ordered if key.state is KeyState.ACTIVE}
        self._published = {"keys": [key.public_jwk() for key in ordered]}

    @property
    def algorithms(self) -> tuple[SigningAlgorithm, ...]:
        """The algorithms that can be signed with now, in the order of the enumeration."""
        return tuple(algorithm for algorithm in SigningAlgorithm if algorithm in self._active)

    def active(self, algorithm: SigningAlgorithm) -> SigningKey:
        """Return the key to sign with; raises SigningKeyError when there is none."""
        key = self._active.get(algorithm)
        if key is None:
            raise SigningKeyError(f"there is no active signing key for {algorithm}")
        return key

    def find(self, kid: str) -> SigningKey | None:
        """Return the key of a kid, in whatever state, to verify what it signed."""
        return self._by_kid.get(kid)

    def public_jwks(self) -> dict[str, list[dict[str, Any]]]:
        """Return the JWK Set to publish: public members only, active keys first (RFC 7517 §5)."""
        return self._published

    def sign(self, payload: bytes, algorithm: SigningAlgorithm, typ: str) -> str:
        """Sign with the active key of an algorithm; the header says typ, alg and kid, and nothing else."""
        key = self.active(algorithm)
        header = {"alg": algorithm.value, "typ": typ, "kid": key.kid}
        return jws.serialize_compact(header, payload, key.key, registry=REGISTRIES[algorithm])


REGISTRIES: Final[Mapping[SigningAlgorithm, JWSRegistry]] = {
    algorithm: JWSRegistry(algorithms=[algorithm.value], strict_check_header=True)
    for algorithm in SigningAlgorithm
}
"""One registry per algorithm, so that each signature and verification pins exactly one."""


def _refuse_unfit(key: SigningKey) -> None:
    if not key.key.is_private:
        raise SigningKeyError(f"the signing key {key.kid} has no private half")
    fits = {
        SigningAlgorithm.ES256: isinstance(key.key, ECKey) and key.key.curve_name == "P-256",
        SigningAlgorithm.RS256: _is_long_rsa(key.key),
        SigningAlgorithm.PS256: _is_long_rsa(key.key),
        SigningAlgorithm.ED25519: isinstance(key.key, OKPKey) and key.key.curve_name == "Ed25519",
    }
    if not fits[key.algorithm]:
        raise SigningKeyError(f"the signing key {key.kid} does not fit {key.algorithm}")


def _is_long_rsa(key: Key) -> bool:
    return isinstance(key, RSAKey) and key.raw_value.key_size >= SMALLEST_RSA_BITS
