"""A provider's signature keys, parsed once, found by `kid`; for an unknown key one refresh, then a decision.

Only the published set counts: keys inside tokens are never looked at (attack A-UO-06). A flood of made-up key
ids costs the provider at most one fetch in `REFRESH_AT_MOST_EVERY` seconds (attack A-OP-05).
"""

from __future__ import annotations

import threading
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from idp_adapters.errors import (
    IdentityProviderError,
    ProviderBusyError,
    ProviderUnavailableError,
    UntrustedAnswerError,
)
from idp_adapters.json_object import JsonObject, ReceivedJson
from idp_adapters.oidc.algorithms import ALGORITHMS

PublicKey = ECKey | RSAKey | OKPKey

REFRESH_AT_MOST_EVERY = 10.0
# A key that the provider has withdrawn must stop counting, though nothing tells us of it.
FRESH_FOR = 900.0
KEPT_AT_MOST_FOR = 3600.0
_PATIENCE = 3.0
_MOST_KEYS = 100
# Shorter breaks; longer costs more to verify than any provider has reason for.
_MODULUS_BITS = range(2048, 8193)
_EXPONENT_BITS = range(2, 65)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedKey:
    """One usable key, its `kid` (None when unnamed) and the algorithms that it may verify."""

    kid: str | None
    algorithms: frozenset[str]
    key: PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeySet:
    keys: tuple[PublishedKey, ...]
    fetched_at: float


class ProviderKeys:
    """The key set of one provider, kept in memory; safe for many threads, of which one fetches."""

    def __init__(
        self, fetch: Callable[[], JsonObject], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._current: _KeySet | None = None
        self._tried_at = float("-inf")

    def find(self, *, kid: str | None, algorithm: str) -> PublicKey:
        """Return the one published key that a token with this header can have been signed with.

        Raises `UntrustedAnswerError` when there is none or no single one, `ProviderUnavailableError` or
        `ProviderBusyError` when the set cannot be fetched.
        """
        current = self._recent()
        found = _choose(current, kid, algorithm)
        if found is None:
            found = _choose(self._refreshed(instead_of=current), kid, algorithm)
        if found is None:
            raise UntrustedAnswerError("the ID token names no published key that fits its algorithm")
        return found

    def _recent(self) -> _KeySet:
        current = self._current
        if current is None:
            return self._refreshed(instead_of=None)
        age = self._clock() - current.fetched_at
        if age < FRESH_FOR:
            return current
        try:
            return self._refreshed(instead_of=current)
        except IdentityProviderError:
            # A provider that is down for a moment keeps its keys; one that stays away does not.
            if age < KEPT_AT_MOST_FOR:
                return current
            raise

    def _refreshed(self, *, instead_of: _KeySet | None) -> _KeySet:
        """Return a newer set than `instead_of`, or that one when it was tried to replace it just now."""
        if not self._lock.acquire(timeout=_PATIENCE):
            raise ProviderBusyError("the provider's keys are being fetched")
        try:
            current, now = self._current, self._clock()
            if current is not None and current is not instead_of:
                return current
            if current is not None and now - self._tried_at < REFRESH_AT_MOST_EVERY:
                if now - current.fetched_at < KEPT_AT_MOST_FOR:
                    return current
                raise ProviderUnavailableError("the provider's keys are too old and could not be fetched")
            self._tried_at = now
            self._current = _KeySet(keys=parse_key_set(self._fetch()), fetched_at=self._clock())
            return self._current
        finally:
            self._lock.release()


def parse_key_set(document: JsonObject) -> tuple[PublishedKey, ...]:
    """Return the keys that can verify one of our algorithms, leaving out all others (RFC 7517 §5).

    Raises `UntrustedAnswerError` when nothing usable is left.
    """
    listed = document.get("keys")
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise UntrustedAnswerError(f"the key set has no list of at most {_MOST_KEYS} keys")
    keys = tuple(key for entry in listed if (key := _published_key(entry)) is not None)
    if not keys:
        raise UntrustedAnswerError("the key set has no usable signature key")
    return keys


def _choose(keys: _KeySet, kid: str | None, algorithm: str) -> PublicKey | None:
    fitting = [
        published.key
        for published in keys.keys
        if algorithm in published.algorithms and (kid is None or published.kid == kid)
    ]
    # Two keys of one name, or no name and several keys: guessing is not verification (Core §10.1).
    return fitting[0] if len(fitting) == 1 else None


def _published_key(entry: ReceivedJson) -> PublishedKey | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    operations = entry.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    algorithms = _algorithms_for(entry)
    kid = entry.get("kid")
    if not algorithms or not (kid is None or isinstance(kid, str)):
        return None
    try:
        return PublishedKey(kid=kid, algorithms=algorithms, key=_import(entry))
    except (JoseError, ValueError, TypeError):
        return None


def _algorithms_for(entry: JsonObject) -> frozenset[str]:
    of_this_kind = frozenset(
        name
        for name, algorithm in ALGORITHMS.items()
        if algorithm.key_type == entry.get("kty") and algorithm.curve in (None, entry.get("crv"))
    )
    named = entry.get("alg")
    # EdDSA and Ed25519 are two names of one algorithm (RFC 9864).
    if named is None or named in ("EdDSA", "Ed25519"):
        return of_this_kind
    return of_this_kind & {named} if isinstance(named, str) else frozenset()


def _import(entry: JsonObject) -> PublicKey:
    """Import the public parameters alone, so that nothing else in the entry has a say."""
    match entry["kty"]:
        case "EC":
            return ECKey.import_key(_parameters(entry, "crv", "x", "y"))
        case "OKP":
            return OKPKey.import_key(_parameters(entry, "crv", "x"))
        case _:
            members = _parameters(entry, "n", "e")
            if _bits(entry["n"]) not in _MODULUS_BITS or _bits(entry["e"]) not in _EXPONENT_BITS:
                message = "an RSA key of an unacceptable size"
                raise ValueError(message)
            return RSAKey.import_key(members)


def _parameters(entry: JsonObject, *names: str) -> dict[str, str | list[str]]:
    parameters: dict[str, str | list[str]] = {}
    for name in ("kty", *names):
        value = entry.get(name)
        if not isinstance(value, str):
            message = "a parameter of the key is missing"
            raise TypeError(message)
        parameters[name] = value
    return parameters


def _bits(number: ReceivedJson) -> int:
    octets = str(number).encode()
    return int.from_bytes(urlsafe_b64decode(octets + b"=" * (-len(octets) % 4))).bit_length()
