"""A value that stands for another without telling it.

Invariant: never a plain hash, because what can be listed can be hashed and found. A commitment is
HMAC-SHA256 under a fresh random salt, or under a key that the database does not hold.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from audit.errors import EntryIdentityError

_DIGEST_BYTES = 32
_MIN_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Commitment:
    """Thirty-two bytes from a keyed or salted digest; raises `EntryIdentityError` for any other length."""

    digest: bytes

    def __post_init__(self) -> None:
        """Refuse anything but a whole digest."""
        if len(self.digest) != _DIGEST_BYTES:
            detail = f"a commitment has {_DIGEST_BYTES} bytes, got {len(self.digest)}"
            raise EntryIdentityError(detail)

    @classmethod
    def salted(cls, value: bytes, salt: bytes) -> Commitment:
        """Commit to `value`: opened by showing the salt, meaningless once the salt is lost.

        `salt` is random, fresh for each commitment and at least 16 bytes, else `EntryIdentityError`.
        """
        if len(salt) < _MIN_SALT_BYTES:
            detail = f"a commitment's salt has at least {_MIN_SALT_BYTES} bytes, got {len(salt)}"
            raise EntryIdentityError(detail)
        return cls(hmac.digest(salt, value, hashlib.sha256))

    @property
    def wire(self) -> str:
        """Lowercase hexadecimal: base64url may begin with `-`, which a spreadsheet takes for a formula."""
        return self.digest.hex()
