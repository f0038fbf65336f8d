"""Seals what an account's consent at one service says, under a key that only its owner's sign-in opens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from broker.accounts.account import Account

_NONCE_BYTES = 12


class ConsentSealBrokenError(Exception):
    """A consent row does not open: altered, moved, or another account's."""


@dataclass(frozen=True, slots=True)
class ConsentBox:
    """AES-256-GCM under the account's secret for one service; satisfies `consent.records.SealedBox`."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, account: Account, service: str) -> ConsentBox:
        """The box of an account at a service."""
        return cls(account.service_secret(service))

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """Seal under a fresh nonce."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self.key).encrypt(nonce, plaintext, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Give the plaintext back; raises `ConsentSealBrokenError`."""
        try:
            return AESGCM(self.key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
        except InvalidTag as error:
            message = "a consent row does not open"
            raise ConsentSealBrokenError(message) from error
