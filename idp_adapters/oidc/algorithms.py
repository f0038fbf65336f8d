"""The signature algorithms accepted from providers, each with the only kind of key that it verifies with.

Pinned here and nowhere else: no `none`, no HMAC, nothing below 128 bits of strength in practice. An algorithm
from a token's header only ever selects among these (attack A-UO-05, RFC 8725 §3.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from joserfc.errors import UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jws import JWSRegistry


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureAlgorithm:
    """The JWK key type and curve (None for RSA), and the hash that `at_hash` is made with."""

    key_type: str
    curve: str | None
    half_hash: Literal["sha256", "sha512"]


_ED25519 = SignatureAlgorithm(key_type="OKP", curve="Ed25519", half_hash="sha512")

ALGORITHMS: Mapping[str, SignatureAlgorithm] = MappingProxyType(
    {
        "ES256": SignatureAlgorithm(key_type="EC", curve="P-256", half_hash="sha256"),
        "PS256": SignatureAlgorithm(key_type="RSA", curve=None, half_hash="sha256"),
        "RS256": SignatureAlgorithm(key_type="RSA", curve=None, half_hash="sha256"),
        "Ed25519": _ED25519,
        # The older name of the same algorithm (RFC 9864); never Ed448, which joserfc would also take for it.
        "EdDSA": _ED25519,
    }
)


class PinnedRegistry(JWSRegistry):
    """joserfc's registry cut down to `ALGORITHMS`, whatever it recommends; RFC 7515 §4.1 on unknown headers.

    Header parameters that are not understood are ignored unless critical; `id_token` refuses all critical
    ones.
    """

    # Providers put certificate chains into headers, which we ignore, but not because of their size.
    max_header_length = 16 * 1024
    max_payload_length = 128 * 1024
    max_signature_length = 1024

    def __init__(self) -> None:
        """Accept what `ALGORITHMS` names."""
        super().__init__(algorithms=list(ALGORITHMS), strict_check_header=False)

    def get_alg(self, name: str) -> JWSAlgModel:
        """Return the named algorithm; raises joserfc's `UnsupportedAlgorithmError` for any but ours."""
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]
