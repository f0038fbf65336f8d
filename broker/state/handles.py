"""Handles `id.secret`: what the hub gives out instead of keeping a key.

Invariant: the store sees only SHA-256(id); the secret opens the envelope and is never at rest here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

ID_BYTES = 16
SECRET_BYTES = 32
_TEXT_LENGTH = 22 + 1 + 43


class HandleError(ValueError):
    """A text is not a handle of ours: wrong length, alphabet or shape."""


@dataclass(frozen=True, slots=True)
class Handle:
    """One handle; `id` finds the envelope, `secret` opens it."""

    id: bytes
    secret: bytes

    @classmethod
    def new(cls) -> Handle:
        """A fresh, unguessable handle (128-bit id, 256-bit secret)."""
        return cls(secrets.token_bytes(ID_BYTES), secrets.token_bytes(SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> Handle:
        """Read a handle back from its one canonical text; raises `HandleError`."""
        if len(text) != _TEXT_LENGTH or text[22] != ".":
            message = "not a handle"
            raise HandleError(message)
        handle = cls(decode(text[:22]), decode(text[23:]))
        if str(handle) != text:  # base64 has several spellings of one value; only one is ours
            message = "not the canonical text of a handle"
            raise HandleError(message)
        return handle

    def __str__(self) -> str:
        """The text that is given out."""
        return f"{encode(self.id)}.{encode(self.secret)}"

    def __repr__(self) -> str:
        """Never the secret: a handle may end up in a traceback."""
        return f"Handle(id={self.key.hex()[:8]}…)"

    @property
    def key(self) -> bytes:
        """SHA-256 of the id: the name under which the store keeps the envelope."""
        return hashlib.sha256(self.id).digest()

    def derived(self, purpose: str) -> Handle:
        """The handle that follows from this one for a purpose, the same each time."""
        material = self.derived_bytes(purpose, ID_BYTES + SECRET_BYTES)
        return Handle(material[:ID_BYTES], material[ID_BYTES:])

    def derived_bytes(self, purpose: str, length: int) -> bytes:
        """Key material for a purpose; HKDF-Expand of the secret, which is uniformly random (RFC 5869 §3.3)."""
        return HKDFExpand(SHA256(), length, b"countersign handle|" + purpose.encode()).derive(self.secret)

    def token(self, purpose: str) -> str:
        """A text that only a holder of this handle can know, for forms."""
        return encode(self.derived_bytes(purpose, 16))

    def token_matches(self, purpose: str, text: str) -> bool:
        """Whether `text` is the token for the purpose; constant time."""
        return hmac.compare_digest(self.token(purpose).encode(), text.encode())


def encode(value: bytes) -> str:
    """Base64url without padding (RFC 4648 §5)."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of an unpadded base64url text; raises `HandleError`."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        message = "not base64url"
        raise HandleError(message) from error
