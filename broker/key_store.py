"""The key store: a directory of private files, one key each, never in the database.

Invariant: files are `0600` in a `0700` directory, written whole or not at all; a key has one use and a kid that
nothing else has. Everything is a JWK (RFC 7517), so that other tools can read it.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, OctKey, RSAKey

_PRIVATE_FILE = 0o600
_PRIVATE_DIRECTORY = 0o700
_RSA_BITS = 2048


class KeyUse(StrEnum):
    """What a key is for; a key never serves two uses."""

    SIGN_ES256 = "sign-es256"
    SIGN_RS256 = "sign-rs256"
    PROVIDER_CLIENT = "provider-client"
    SEAL = "seal"
    LINK_INDEX = "link-index"
    LINK_SEAL = "link-seal"
    SUBJECT = "subject"


class KeyState(StrEnum):
    """Where a key stands: published before use, in use, or kept to read what it wrote."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"


class KeyStoreError(Exception):
    """The key store is missing, unreadable, open to others or incomplete; says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """One key; `jwk` is the private JWK."""

    kid: str
    use: KeyUse
    state: KeyState
    created_at: datetime
    jwk: Mapping[str, Any]

    @property
    def raw(self) -> bytes:
        """The bytes of a symmetric key."""
        return OctKey.import_key(dict(self.jwk)).raw_value


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStore:
    """Every key, read once."""

    keys: tuple[StoredKey, ...]

    def active(self, use: KeyUse) -> StoredKey:
        """The key in use; raises `KeyStoreError` when there is none."""
        for key in self.keys:
            if key.use is use and key.state is KeyState.ACTIVE:
                return key
        message = f"the key store has no active key for {use}; run 'countersign keys create'"
        raise KeyStoreError(message)

    def all(self, use: KeyUse) -> tuple[StoredKey, ...]:
        """Every key of a use, active first."""
        return tuple(
            sorted((k for k in self.keys if k.use is use), key=lambda k: k.state is not KeyState.ACTIVE)
        )


def read_key_store(directory: Path) -> KeyStore:
    """Read every key; raises `KeyStoreError` when a file is unreadable or others may read it."""
    if not directory.is_dir():
        message = f"there is no key store at {directory}; run 'countersign keys create'"
        raise KeyStoreError(message)
    keys = tuple(_read(path) for path in sorted(directory.glob("*.json")))
    store = KeyStore(keys=keys)
    for use in KeyUse:
        store.active(use)
    return store


def create_missing_keys(directory: Path, now: datetime) -> tuple[StoredKey, ...]:
    """Make an active key for each use that has none; returns what was made.

    Processes that run it at once on one directory make one key for each use between them.
    """
    directory.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    made = []
    with _alone_in(directory):
        for use in KeyUse:
            if not any(directory.glob(f"{use}.*.json")):
                key = _generate(use, now)
                _write(directory, key)
                made.append(key)
    return tuple(made)


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _generate(use: KeyUse, now: datetime) -> StoredKey:
    kid = secrets.token_hex(8)
    jwk: Mapping[str, Any]
    if use in {KeyUse.SIGN_ES256, KeyUse.PROVIDER_CLIENT}:
        jwk = ECKey.generate_key("P-256", {"kid": kid}, private=True).as_dict(private=True)
    elif use is KeyUse.SIGN_RS256:
        jwk = RSAKey.generate_key(_RSA_BITS, {"kid": kid}, private=True).as_dict(private=True)
    else:
        jwk = OctKey.generate_key(256, {"kid": kid}).as_dict(private=True)
    return StoredKey(kid=kid, use=use, state=KeyState.ACTIVE, created_at=now.astimezone(UTC), jwk=jwk)


def _write(directory: Path, key: StoredKey) -> None:
    body = {
        "kid": key.kid,
        "use": key.use,
        "state": key.state,
        "created_at": key.created_at.isoformat(timespec="seconds"),
        "jwk": dict(key.jwk),
    }
    descriptor, name = tempfile.mkstemp(dir=directory, prefix=".new-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), _PRIVATE_FILE)
        json.dump(body, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    Path(name).rename(directory / f"{key.use}.{key.kid}.json")


def _read(path: Path) -> StoredKey:
    if path.stat().st_mode & 0o077:
        message = f"{path} can be read by others; run 'chmod 600' on it"
        raise KeyStoreError(message)
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        return StoredKey(
            kid=str(body["kid"]),
            use=KeyUse(body["use"]),
            state=KeyState(body["state"]),
            created_at=datetime.fromisoformat(body["created_at"]),
            jwk=dict(body["jwk"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{path} is not a key file"
        raise KeyStoreError(message) from error
