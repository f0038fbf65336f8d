"""Where the hub may connect to: an origin is read from a URL once, its name resolved, every address checked.

Invariant: no address leaves this module unchecked. Whoever connects does so to the very address that was
checked, so a name that resolves differently a moment later changes nothing (DNS rebinding, attack A-UO-09).
"""

from __future__ import annotations

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from urllib.parse import urlsplit

from idp_adapters.errors import ProviderUnavailableError, UntrustedAnswerError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LOOPBACK: tuple[Address, ...] = (ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1"))
_PORTS = {"https": 443, "http": 80}
_URL = re.compile(r"https?://[\x21-\x7e]{1,2000}")
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# A name server that never answers holds one thread each; beyond this many, look-ups fail at once.
_MOST_LOOKUPS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Scheme, lower-case host (an IPv6 literal without brackets) and port: what a provider is pinned to."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


@lru_cache(maxsize=4096)
def parse_origin(url: str) -> Origin:
    """Read the origin of an absolute http or https URL that every reader understands alike.

    Raises `UntrustedAnswerError` for user information, a fragment, a backslash, a trailing dot, non-ASCII or
    no host.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise UntrustedAnswerError("an address has a host or port that cannot be read") from error
    if not _URL.fullmatch(url) or "#" in url or "\\" in url:
        raise UntrustedAnswerError("an address is not a plain absolute http or https URL")
    if "@" in parts.netloc or parts.netloc.endswith(":"):
        raise UntrustedAnswerError("an address holds user information or an empty port")
    if _as_address(host) is None and not _NAME.fullmatch(host):
        raise UntrustedAnswerError("an address has no usable host")
    return Origin(scheme=parts.scheme, host=host, port=_PORTS[parts.scheme] if port is None else port)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowList:
    """Hosts and networks of the operator's own choosing that may lie behind non-public addresses.

    `loopback` is true in the `local` environment only; it also allows plain http, to loopback hosts.
    """

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    loopback: bool = False

    @classmethod
    def parse(cls, entries: Iterable[str], *, loopback: bool) -> Self:
        """Read host names, addresses and CIDR networks; raises `ValueError` naming the first bad entry."""
        hosts: set[str] = set()
        networks: list[Network] = []
        for entry in entries:
            try:
                networks.append(ipaddress.ip_network(entry))
            except ValueError:
                host = entry.lower()
                if "/" in entry or not _NAME.fullmatch(host):
                    message = f"{entry!r} is neither a host name nor a network"
                    raise ValueError(message) from None
                hosts.add(host)
        return cls(hosts=frozenset(hosts), networks=tuple(networks), loopback=loopback)

    def permits(self, host: str, address: Address) -> bool:
        """Whether the hub may connect to this address, found under this host name."""
        if is_public(address) or host in self.hosts:
            return True
        if self.loopback and address.is_loopback:
            return True
        return any(address in network for network in self.networks)

    def check(self, origin: Origin) -> None:
        """Refuse plain http except to an allowed loopback host; raises `UntrustedAnswerError`."""
        if origin.scheme != "https" and not (self.loopback and is_loopback_host(origin.host)):
            raise UntrustedAnswerError(f"{origin} is not https")


def is_public(address: Address) -> bool:
    """Whether an address lies on the public internet, and in no special range even in an IPv6 disguise."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.teredo is not None or address.scope_id is not None:
            return False
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def is_loopback_host(host: str) -> bool:
    """Whether a host can only be this machine: `localhost`, a name under it (RFC 6761 §6.3), a literal."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _as_address(host)
    return address is not None and address.is_loopback


class CheckedResolver:
    """Turns a host into addresses that the hub may connect to, in bounded time."""

    def __init__(self, allow: AllowList) -> None:
        self._allow = allow
        self._lookups = threading.BoundedSemaphore(_MOST_LOOKUPS)

    def resolve(self, host: str, timeout: float) -> tuple[Address, ...]:
        """Return the addresses of a host, all of them permitted.

        One forbidden address among several refuses them all: honest names do not mix them.
        Raises `UntrustedAnswerError` for a forbidden address, `ProviderUnavailableError` when nothing is
        found in time.
        """
        literal = _as_address(host)
        if literal is not None:
            found: tuple[Address, ...] = (literal,)
        elif is_loopback_host(host):
            # Answered here as RFC 6761 §6.3 says, so that no name server can move this machine.
            found = _LOOPBACK
        else:
            found = self._look_up(host, timeout)
        if not all(self._allow.permits(host, address) for address in found):
            raise UntrustedAnswerError(f"{host} resolves to an address that the hub may not connect to")
        return found

    def _look_up(self, host: str, timeout: float) -> tuple[Address, ...]:
        # getaddrinfo has no timeout of its own, so it runs beside us and is abandoned when it takes too long.
        if not self._lookups.acquire(blocking=False):
            raise ProviderUnavailableError("too many name look-ups are under way")
        answers: queue.SimpleQueue[tuple[Address, ...]] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(_addresses_of(host))
            finally:
                self._lookups.release()

        threading.Thread(target=ask, name="name-look-up", daemon=True).start()
        try:
            found = answers.get(timeout=timeout)
        except queue.Empty as error:
            raise ProviderUnavailableError(f"{host} was not resolved within {timeout:.1f} s") from error
        if not found:
            raise ProviderUnavailableError(f"{host} does not resolve")
        return found


def _addresses_of(host: str) -> tuple[Address, ...]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(ipaddress.ip_address(str(entry[4][0])) for entry in found))


def _as_address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
