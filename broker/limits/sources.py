"""Where a request comes from, for counting only: a keyed hash that names nobody.

Invariant: no address leaves this module, and none is kept. `X-Forwarded-For` counts only as far as configured
proxies wrote it: the rightmost hop that is not one of them is the source (attack A-OP-10).
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_DIGEST_BYTES = 12
_MOST_HOPS = 20
# One household or office has at least this much of IPv6 to itself, and may change addresses within it at will.
_SUBSCRIBER_BITS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Tells sources apart; `key` is 32 bytes, the same for every worker of a hub.

    `loopback_counts` is False on a local hub, where everybody sits at the same machine.
    """

    key: bytes = field(repr=False)
    trusted_proxies: tuple[Network, ...] = ()
    loopback_counts: bool = True

    def of(self, environ: Mapping[str, object]) -> str | None:
        """The name of a request's source, None where sources are not told apart."""
        address = self._client(str(environ.get("REMOTE_ADDR", "")), environ.get("HTTP_X_FORWARDED_FOR"))
        if address is None:
            return _UNKNOWN
        if address.is_loopback and not self.loopback_counts:
            return None
        digest = hashlib.blake2b(_subscriber(address), key=self.key, digest_size=_DIGEST_BYTES).digest()
        return base64.urlsafe_b64encode(digest).decode()

    def _client(self, remote: str, forwarded: object) -> Address | None:
        address = _parsed(remote)
        if not self.trusted_proxies or not isinstance(forwarded, str):
            return address
        for hop in reversed(forwarded.rsplit(",", _MOST_HOPS)[-_MOST_HOPS:]):
            if address is None or not any(address in network for network in self.trusted_proxies):
                break
            named = _parsed(hop)
            if named is None:
                break
            address = named
        return address


_UNKNOWN = "unknown"


def _parsed(text: str) -> Address | None:
    """Read an address, with or without a port (RFC 7239 §6 and what proxies write)."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped


def _subscriber(address: Address) -> bytes:
    return (
        address.packed
        if isinstance(address, ipaddress.IPv4Address)
        else address.packed[: _SUBSCRIBER_BITS // 8]
    )
