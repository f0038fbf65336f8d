"""The `state` that a provider carries: bound to the journey's handle, so only the browser that left can return.

Invariant: whoever does not hold the journey's handle can neither make nor recognise one; it tells a provider
nothing about journey, service or attempt (attacks A-UO-02, A-PR-02).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from broker.state.handles import Handle, HandleError, decode, encode

_RANDOM_BYTES = 16
_PURPOSE = "provider state"


def new_departure_state(handle: Handle) -> str:
    """A fresh state for one departure: 128 random bits and their MAC under the journey's handle."""
    random = secrets.token_bytes(_RANDOM_BYTES)
    return encode(random + _mac(handle, random))


def is_departure_of(handle: Handle, state: str) -> bool:
    """Whether this journey's handle made that state; constant time."""
    try:
        value = decode(state)
    except HandleError:
        return False
    random, mac = value[:_RANDOM_BYTES], value[_RANDOM_BYTES:]
    return hmac.compare_digest(mac, _mac(handle, random))


def _mac(handle: Handle, random: bytes) -> bytes:
    return hmac.digest(handle.derived_bytes(_PURPOSE, 32), random, hashlib.sha256)
