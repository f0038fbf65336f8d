"""Sealing: AES-256-GCM under a key that needs both the handle's secret and a server key.

Invariant: nothing sealed opens with the database and key store alone, nor with the handle alone; a sealed
value opens only under the id, kind and purge time it was stored with (they are associated data).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_FORMAT = b"\x01"
_KID_BYTES = 8


class SealBrokenError(ValueError):
    """A sealed value does not open: wrong handle, other kind, unknown server key, or altered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerKey:
    """A server sealing key: 32 bytes, named by an 8-byte `kid`."""

    kid: bytes
    key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealer:
    """Seals under the active server key, opens under any that has not been retired."""

    active: ServerKey
    keys: Mapping[bytes, ServerKey]

    def seal(self, plaintext: bytes, *, secret: bytes, kind: str, context: bytes) -> bytes:
        """Format byte, kid, nonce, ciphertext; opens only with the same secret, kind and context."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        head = _FORMAT + self.active.kid
        key = _key(secret, self.active.key, kind)
        return head + nonce + AESGCM(key).encrypt(nonce, plaintext, head + context)

    def open(self, sealed: bytes, *, secret: bytes, kind: str, context: bytes) -> bytes:
        """The plaintext; raises `SealBrokenError`, the same for every cause."""
        head, rest = sealed[: 1 + _KID_BYTES], sealed[1 + _KID_BYTES :]
        server_key = self.keys.get(head[1:])
        if server_key is None or head[:1] != _FORMAT:
            message = "sealed under an unknown key or format"
            raise SealBrokenError(message)
        key = _key(secret, server_key.key, kind)
        try:
            return AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], head + context)
        except (InvalidTag, ValueError) as error:
            message = "the seal does not open"
            raise SealBrokenError(message) from error


def _key(secret: bytes, server_key: bytes, kind: str) -> bytes:
    return HKDF(SHA256(), 32, salt=server_key, info=b"countersign seal|" + kind.encode()).derive(secret)
