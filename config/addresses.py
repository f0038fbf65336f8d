"""Web addresses that parties register: absolute, unambiguous, the same string for everybody who reads them.

Redirect URIs are compared as exact strings (RFC 9700 2.1), so nothing is normalised here: what two readers
could understand differently is refused.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, unquote, urlsplit

from config.errors import AddressError

LONGEST_ADDRESS = 2048

# RFC 3986 without the percent sign's own rule, which is checked apart.
_ALLOWED_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_DOT_SEGMENT = re.compile(r"(?:^|[/\\])\.\.?(?:[/\\]|$)")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"https?://")


def is_loopback_host(host: str) -> bool:
    """Whether a host can only be this machine: `localhost` or a loopback address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_plain_http(address: str) -> bool:
    """Whether a checked address would travel unencrypted."""
    return address.startswith("http://")


def parse_web_address(text: str) -> SplitResult:
    """Return the parts of an absolute https address, or of an http one on a loopback host.

    Raises:
        AddressError: for user information, a fragment, a wildcard, dot segments, or what readers could take
            apart differently (space, backslash, broken escapes, characters outside ASCII).

    """
    if len(text) > LONGEST_ADDRESS:
        raise AddressError(f"is longer than {LONGEST_ADDRESS} characters")
    if not _SCHEME.match(text):
        raise AddressError("must be an absolute address with https:// (or http:// on a loopback host)")
    if not _ALLOWED_CHARACTERS.fullmatch(text) or _BROKEN_ESCAPE.search(text):
        raise AddressError("holds a character that an address must percent-encode")
    if "#" in text:
        raise AddressError("must have no fragment")
    if "*" in text:
        raise AddressError("must have no wildcard: addresses are compared exactly")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressError("has a host or port that cannot be read") from error
    _require_plain_host(parts, host)
    if _DOT_SEGMENT.search(path := unquote(parts.path)) or _CONTROL_CHARACTER.search(path):
        raise AddressError("must have no dot segments or control characters in its path")
    return parts


def _require_plain_host(parts: SplitResult, host: str) -> None:
    if "@" in parts.netloc:
        raise AddressError("must have no user information")
    if not _is_host(host) or parts.netloc.endswith(":"):
        raise AddressError("has no usable host")
    if parts.scheme == "http" and not is_loopback_host(host):
        raise AddressError("must use https: plain http is for loopback hosts only")


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(_HOST_NAME.fullmatch(host))
    return True
