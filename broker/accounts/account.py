"""An account is a random secret; everything it owns is found and opened through keys derived from it.

Invariant: the secret is never stored in clear, and what is derived for one service or sector shows nothing of
what is derived for another.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from broker.state.handles import encode

SECRET_BYTES = 32
CONSENT_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Account:
    """A citizen's account, as its owner's sign-in opened it."""

    secret: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Account:
        """A fresh account."""
        return cls(secrets.token_bytes(SECRET_BYTES))

    def consent_id(self, service: str) -> bytes:
        """The opaque id under which this account's consent at one service is kept."""
        return self._derived("consent", service)[:CONSENT_ID_BYTES]

    def service_secret(self, service: str) -> bytes:
        """The secret that seals what this account keeps about one service."""
        return self._derived("service", service)

    def slot(self, number: int) -> bytes:
        """The name of the n-th slot of this account."""
        return self._derived("slot", str(number))

    def slot_secret(self) -> bytes:
        """The secret that seals this account's slots."""
        return self._derived("slots", "")

    def _derived(self, purpose: str, name: str) -> bytes:
        return hmac.digest(self.secret, f"{purpose}|{name}".encode(), hashlib.sha256)


@dataclass(frozen=True, slots=True)
class PairwiseSubjects:
    """Pairwise subjects by sector (OIDC Core §8.1); the key never rotates, or every `sub` would change."""

    key: bytes = field(repr=False)

    def subject(self, account: Account, sector: str) -> str:
        """The `sub` of an account in a sector: 43 characters, the same each time, unlike in every other sector."""
        return encode(hmac.digest(self.key, account.secret + sector.encode(), hashlib.sha256))
