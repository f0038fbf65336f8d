"""The short-lived store in Redis, for hubs on several machines; imported only where an operator asks for it.

Invariant: what decides is taken in Redis at once and atomically, the facts commit in SQL, and only then are the values
written, all of one unit or none. So Redis may forget everything at any moment: no code, mark, grant or consent is
honoured twice for it, and a step that was under way can be taken again once its hold has lapsed.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, cast

import redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from broker.database import PendingTransaction
from broker.state import redis_scripts as scripts
from broker.state.store import StaleVersionError, Stored, StoreUnavailableError

HOLD_SECONDS: Final = 60.0
"""How long a unit of work may take before another may be tried in its place: longer than all its timeouts together."""

PATIENCE_SECONDS: Final = 2.0
"""How long a unit waits for another that holds the same value; that one seldom takes a hundredth of it."""

_PREFIX: Final = b"countersign:"
_POLL_SECONDS: Final = 0.005
_SOCKET_SECONDS: Final = 2.0
_HOUR_MILLISECONDS: Final = 3_600_000
# Redis's clock may be ahead of the one that says, inside the seal, when a value has expired.
_SKEW_MILLISECONDS: Final = 60_000
_TOKEN_BYTES: Final = 12
_FIELDS: Final = ("version", "sealed", "purge")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What one key becomes when the facts are durable."""

    action: str
    token: bytes = b""
    version: int = 0
    sealed: bytes = b""
    purge_after: int = 0

    @property
    def arguments(self) -> tuple[str | int | bytes, ...]:
        lapses = self.purge_after * _HOUR_MILLISECONDS + _SKEW_MILLISECONDS
        return (self.action, self.token, self.version, self.sealed, self.purge_after, lapses)


class RedisStoreWrites:
    """The writes of one unit of work: holds and claims at once, values when it commits."""

    def __init__(self, store: RedisStore) -> None:
        """Begin with nothing held; a unit that writes nothing never calls Redis."""
        self._store = store
        self._lines: dict[bytes, _Line] = {}
        self._held: dict[bytes, bytes] = {}
        self._claimed: dict[bytes, bytes] = {}

    def put(self, key: bytes, sealed: bytes, *, purge_after: int) -> None:
        """Store a new value when the unit commits; version 1."""
        self._lines[key] = _Line(action=scripts.PUT, version=1, sealed=sealed, purge_after=purge_after)

    def hold(self, key: bytes) -> Stored | None:
        """The value as it is now, which nobody else changes until the unit ends; None when there is none.

        Raises `StaleVersionError` when another unit holds it for too long.
        """
        token = secrets.token_bytes(_TOKEN_BYTES)
        arguments = (token, int(self._store.hold_seconds * 1000))
        give_up = time.monotonic() + PATIENCE_SECONDS
        while (answer := self._store.run(self._store.hold, [key], arguments)) == scripts.BUSY:
            if time.monotonic() > give_up:
                raise StaleVersionError
            time.sleep(_POLL_SECONDS)
        if not isinstance(answer, list):
            return None
        self._held[key] = token
        return _stored(answer)

    def replace(self, key: bytes, sealed: bytes, *, expected_version: int, purge_after: int) -> None:
        """Hold the value now and replace it when the unit commits; raises `StaleVersionError`."""
        if key not in self._held:
            found = self.hold(key)
            if found is None or found.version != expected_version:
                raise StaleVersionError
        self._lines[key] = _Line(
            action=scripts.REPLACE,
            token=self._held[key],
            version=expected_version + 1,
            sealed=sealed,
            purge_after=purge_after,
        )

    def claim(self, key: bytes, *, expected_version: int, now: int, lease_seconds: int) -> None:
        """Take a lease on this version; raises `StaleVersionError` when it is held or the version moved on."""
        token = secrets.token_bytes(_TOKEN_BYTES)
        arguments = (expected_version, token, now, now + lease_seconds)
        if self._store.run(self._store.claim, [key], arguments) != scripts.TAKEN:
            raise StaleVersionError
        self._claimed[key] = token

    def delete(self, key: bytes) -> None:
        """Forget the value when the unit commits."""
        self._lines[key] = _Line(action=scripts.DELETE)

    def commit(self) -> None:
        """Write every value of this unit, or raise `StaleVersionError` and write none: a hold had lapsed."""
        lines = {
            key: _Line(action=scripts.RELEASE, token=token) for key, token in self._held.items()
        } | self._lines
        if not lines:
            return
        arguments = [argument for line in lines.values() for argument in line.arguments]
        if self._store.run(self._store.commit, list(lines), arguments) != scripts.TAKEN:
            raise StaleVersionError

    def abandon(self) -> None:
        """Free what this unit held and claimed; where Redis does not answer, that lapses by itself."""
        taken = (*self._held.items(), *self._claimed.items())
        if not taken:
            return
        keys, tokens = zip(*taken, strict=True)
        try:
            self._store.run(self._store.abandon, keys, tokens)
        except StoreUnavailableError:
            _log.warning("a failed unit of work keeps what it held for %d s", self._store.hold_seconds)


class RedisStore:
    """Envelopes in Redis 7 or Valkey: one server, or a primary that its replicas follow; no cluster.

    `hold_seconds` is for tests that wait for a crashed unit's hold to lapse.
    """

    def __init__(self, url: str, *, hold_seconds: float = HOLD_SECONDS) -> None:
        """Open no connection yet; the first use does. Raises ValueError when `url` is none of Redis."""
        self.hold_seconds = hold_seconds
        self._client = redis.Redis.from_url(
            url,
            protocol=2,
            socket_timeout=_SOCKET_SECONDS,
            socket_connect_timeout=_SOCKET_SECONDS,
            # Once more where the server had closed a pooled connection: every script may run twice.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )
        self.claim = self._client.register_script(scripts.CLAIM)
        self.hold = self._client.register_script(scripts.HOLD)
        self.commit = self._client.register_script(scripts.COMMIT)
        self.abandon = self._client.register_script(scripts.ABANDON)

    def run(self, script: Script, keys: Sequence[bytes], arguments: Sequence[str | int | bytes]) -> object:
        """Run a script on the values under `keys`."""
        try:
            return script(keys=[_name(key) for key in keys], args=arguments)
        except redis.RedisError as error:
            raise StoreUnavailableError from error

    def get(self, key: bytes) -> Stored | None:
        """The value under a key, or None."""
        try:
            found = cast("list[bytes | None]", self._client.hmget(_name(key), _FIELDS))
        except redis.RedisError as error:
            raise StoreUnavailableError from error
        return _stored(found)

    @contextmanager
    def reading(self) -> Iterator[RedisStore]:
        """Reads need nothing of their own."""
        yield self

    def writes(self, transaction: PendingTransaction) -> RedisStoreWrites:  # noqa: ARG002 - facts are SQL's
        """The writes of a unit of work, beside its transaction."""
        return RedisStoreWrites(self)

    def check(self) -> None:
        """Return when Redis answers, and takes writes; raises `StoreUnavailableError`."""
        try:
            self._client.ping()
        except redis.RedisError as error:
            raise StoreUnavailableError from error

    def close(self) -> None:
        """Close every pooled connection."""
        self._client.close()


def _name(key: bytes) -> bytes:
    return _PREFIX + key.hex().encode()


def _stored(fields: list[bytes | None]) -> Stored | None:
    version, sealed, purge = fields
    if version is None or sealed is None or purge is None:
        return None
    return Stored(sealed=sealed, version=int(version), purge_after=int(purge))
