"""The client's public keys, fetched where it publishes them and kept until a key is missing; RFC 7517.

A test tool's convenience: unless told where the keys are, the stub asks `/jwks` at the origin of the redirect
URI that the client used. Never do so in a real provider: there the place of the keys comes from registration.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import requests
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from idp_adapters.certification.simulator.oidc.errors import InvalidClientError

if TYPE_CHECKING:
    from datetime import datetime

_LARGEST_KEY_SET: Final = 64 * 1024
_TIMEOUTS: Final = (2.0, 3.0)
# A signature under an unknown key makes the stub look again, but not more often than this.
_PATIENCE: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeySet:
    keys: tuple[Key, ...]
    fetched_at: datetime

    def find(self, key_id: str | None) -> Key | None:
        if key_id is None:
            return self.keys[0] if len(self.keys) == 1 else None
        return next((key for key in self.keys if key.kid == key_id), None)


class ClientKeys:
    """Key sets by address; one fetch serves all requests until a key is not found."""

    def __init__(self, *, ca_bundle: Path | None) -> None:
        """Know no keys yet; trust these authorities, or the usual ones."""
        self._ca_bundle = ca_bundle
        self._sets: dict[str, _KeySet] = {}
        self._lock = Lock()

    def find(self, address: str, key_id: str | None, *, now: datetime) -> Key:
        """Give the key with this id; without an id, the only key. Raises `InvalidClientError`."""
        with self._lock:
            known = self._sets.get(address)
            key = known.find(key_id) if known is not None else None
            if key is None and (known is None or now - known.fetched_at >= _PATIENCE):
                known = self._sets[address] = _KeySet(keys=_fetch(address, self._ca_bundle), fetched_at=now)
                key = known.find(key_id)
        if key is None:
            raise InvalidClientError(
                "The client publishes no such key.", detail=f"kid {key_id!r:.80} at {address}"
            )
        return key


def published_beside(redirect_uri: str) -> str:
    """Give `/jwks` at the origin of the redirect URI."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}/jwks"


def _fetch(address: str, ca_bundle: Path | None) -> tuple[Key, ...]:
    try:
        with requests.Session() as session:
            # No proxy and no authority from the environment: what the stub trusts is on its command line.
            session.trust_env = False
            session.verify = str(ca_bundle) if ca_bundle else True
            with session.get(address, timeout=_TIMEOUTS, allow_redirects=False, stream=True) as response:
                response.raise_for_status()
                body = next(response.iter_content(_LARGEST_KEY_SET), b"")
        keys = json.loads(body)["keys"]
        return tuple(key for entry in keys if (key := _import(entry)) is not None)
    except (requests.RequestException, OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidClientError(
            "The client's keys cannot be read.", detail=f"{address}: {type(error).__name__}"
        ) from error


def _import(entry: object) -> Key | None:
    """Import a signature key; leave out what is not understood, as RFC 7517 §5 asks."""
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or entry.get("kty") == "oct":
        return None
    try:
        return JWKRegistry.import_key(entry)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
