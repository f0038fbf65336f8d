"""The public keys of relying services, from their registration or from where they publish them.

Invariant: a key comes only from the registration now in force or from its `jwks_uri`, never from a message
(A-CA-02); it is public, made for signatures, strong enough, and parsed once. A set that was fetched is read
again when it grows old, and once when a message names a key that is not in it, at most every `REFETCH_PAUSE`;
an unreachable address does not lock a service out until its set is `OLDEST_SET` old.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from pydantic import ValidationError

from config.federation import ClientAuthentication, PublicKey, RelyingService

REFRESH_AFTER: Final = timedelta(minutes=10)
OLDEST_SET: Final = timedelta(hours=1)
REFETCH_PAUSE: Final = timedelta(seconds=30)
RETRY_PAUSE: Final = timedelta(seconds=5)
"""After an address did not answer, so that a service that was only starting is not kept out for long."""
MOST_KEYS: Final = 50
PATIENCE_SECONDS: Final = 3.0
"""How long somebody who cannot go on without the set waits while somebody else reads it."""

_ALGORITHMS: Final[Mapping[tuple[str, str | None], tuple[str, ...]]] = {
    ("EC", "P-256"): ("ES256",),
    ("RSA", None): ("PS256", "RS256"),
    ("OKP", "Ed25519"): ("EdDSA", "Ed25519"),
}
"""What each kind of key may sign with; `EdDSA` is the older name of Ed25519 (RFC 9864)."""

_NAMELESS: Final = "(none)"
"""Stands for the kid of a key that has none, until its thumbprint does (RFC 7638)."""

_log = logging.getLogger(__name__)


class KeysUnavailableError(Exception):
    """Raised by `fetch` when the address does not answer, or not with a document that may be read."""


Fetch = Callable[[str], bytes]
"""Read a document within limits of time, size and address; raises KeysUnavailableError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationKey:
    """A service's public key and the algorithms that it may be used with."""

    kid: str
    algorithms: frozenset[str]
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class _KnownSet:
    """Keys as they were at `read_at`; the address is not asked again before `patient_until`.

    They count for `registration` alone: a revision that replaces keys or address ends them (A-CA-02).
    """

    registration: ClientAuthentication
    keys: tuple[VerificationKey, ...]
    read_at: datetime
    patient_until: datetime


class ClientKeys:
    """The keys of every service, looked up when they are needed; safe to use from several threads."""

    def __init__(self, fetch: Fetch) -> None:
        """Know nothing yet; `fetch` is called outside any transaction."""
        self._fetch = fetch
        self._known: dict[str, _KnownSet] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def find(self, service: RelyingService, kid: str | None, algorithm: str, now: datetime) -> Key | None:
        """Return the one key that may have signed: by kid, or without one the only key for the algorithm."""
        found = _pick(self._keys(service, now), kid, algorithm)
        if found is None and service.client_authentication.jwks_uri is not None:
            found = _pick(self._keys(service, now, wanted=(kid, algorithm)), kid, algorithm)
        return found

    def _keys(
        self, service: RelyingService, now: datetime, *, wanted: tuple[str | None, str] | None = None
    ) -> tuple[VerificationKey, ...]:
        registration, missing = service.client_authentication, wanted is not None
        known = self._known_of(service)
        if known is not None and not _is_due(known, now, missing=missing):
            return known.keys
        lock, usable = self._lock(service.id), _still_usable(known, now)
        # Whoever has keys to go on with waits for nobody: an address that hangs holds one thread.
        if not lock.acquire(timeout=0 if usable and not missing else PATIENCE_SECONDS):
            return usable
        try:
            known = self._known_of(service)
            if known is None or _is_due(known, now, missing=missing):
                known = self._read(registration, known, now)
                self._known[service.id] = known
            return known.keys
        finally:
            lock.release()

    def _known_of(self, service: RelyingService) -> _KnownSet | None:
        known = self._known.get(service.id)
        return known if known is not None and known.registration == service.client_authentication else None

    def _read(self, registration: ClientAuthentication, known: _KnownSet | None, now: datetime) -> _KnownSet:
        address = registration.jwks_uri
        if address is None:
            return _registered(registration, now)
        read_at, pause = now, REFETCH_PAUSE
        try:
            keys = parse_key_set(self._fetch(address))
        except (KeysUnavailableError, UnreadableKeySetError) as error:
            _log.warning("the keys at %s could not be read: %s", address, error)
            keys, pause = _still_usable(known, now), RETRY_PAUSE
            read_at = now - REFRESH_AFTER if known is None else known.read_at
        return _KnownSet(registration=registration, keys=keys, read_at=read_at, patient_until=now + pause)

    def _lock(self, service_id: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(service_id, threading.Lock())


class UnreadableKeySetError(ValueError):
    """A document is not a JWK Set."""


def parse_key_set(document: bytes) -> tuple[VerificationKey, ...]:
    """Read a JWK Set and keep the keys that verify signatures; others are passed over (RFC 7517 §5).

    Raises UnreadableKeySetError for anything that is not a JSON object with a list of keys.
    """
    try:
        value = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise UnreadableKeySetError("expected JSON") from error
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or len(keys) > MOST_KEYS:
        raise UnreadableKeySetError(f"expected an object with a list of at most {MOST_KEYS} keys")
    return _distinct(_parsed(members) for members in keys)


def _registered(registration: ClientAuthentication, now: datetime) -> _KnownSet:
    jwks = registration.jwks
    keys = () if jwks is None else _distinct(_parsed(key.members()) for key in jwks.keys)
    return _KnownSet(registration=registration, keys=keys, read_at=now, patient_until=now)


def _still_usable(known: _KnownSet | None, now: datetime) -> tuple[VerificationKey, ...]:
    return known.keys if known is not None and now - known.read_at < OLDEST_SET else ()


def _is_due(known: _KnownSet, now: datetime, *, missing: bool) -> bool:
    if known.registration.jwks_uri is None or now < known.patient_until:
        return False
    return missing or now - known.read_at >= REFRESH_AFTER


def _parsed(members: Any) -> VerificationKey | None:  # noqa: ANN401 - a member of somebody else's JSON
    """Return a key that verifies signatures, None for what is private, weak, for encryption or unknown."""
    try:
        public = PublicKey.model_validate_json(json.dumps({"kid": _NAMELESS, **members}))
        if public.use == "enc" or (public.key_ops is not None and "verify" not in public.key_ops):
            return None
        algorithms = _ALGORITHMS.get((public.kty, public.crv), ())
        key = JWKRegistry.import_key(_public_parts(public.members()))
    except (JoseError, ValidationError, ValueError, TypeError, KeyError):
        return None
    usable = frozenset(
        name for name in algorithms if public.alg in {None, name} or _is_alias(public.alg, name)
    )
    kid = key.thumbprint() if public.kid == _NAMELESS else public.kid
    return VerificationKey(kid=kid, algorithms=usable, key=key) if usable else None


def _public_parts(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes the key: its use and algorithm are judged here, not by the JOSE library."""
    return {name: members[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in members}


def _is_alias(registered: str | None, name: str) -> bool:
    return {registered, name} == {"EdDSA", "Ed25519"}


def _distinct(keys: Iterable[VerificationKey | None]) -> tuple[VerificationKey, ...]:
    """Keep keys whose kid is theirs alone: of two with one kid nobody can say which is meant."""
    found = [key for key in keys if key is not None]
    names = [key.kid for key in found]
    return tuple(key for key in found if names.count(key.kid) == 1)


def _pick(keys: tuple[VerificationKey, ...], kid: str | None, algorithm: str) -> Key | None:
    fitting = [key for key in keys if algorithm in key.algorithms and kid in {None, key.kid}]
    return fitting[0].key if len(fitting) == 1 else None
