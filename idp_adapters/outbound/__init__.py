"""The only HTTP client of the adapters; see `client`."""

from __future__ import annotations

from idp_adapters.outbound.addresses import AllowList, Origin, is_loopback_host, parse_origin
from idp_adapters.outbound.client import JSON, OutboundClient, OutboundRequest, OutboundResponse

__all__ = [
    "JSON",
    "AllowList",
    "Origin",
    "OutboundClient",
    "OutboundRequest",
    "OutboundResponse",
    "is_loopback_host",
    "parse_origin",
]
