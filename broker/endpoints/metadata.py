"""What anybody may know of the hub: provider metadata and public keys, the same for all, shortly cached."""

from __future__ import annotations

from flask import Blueprint, Response

from broker.endpoints.protocol_answers import json_answer, refuse_in_json
from broker.hub import Hub
from broker.oidc.discovery import provider_metadata

_METADATA_SECONDS = 60
_KEYS_SECONDS = 300


def create_metadata_door(hub: Hub) -> Blueprint:
    """Discovery (OIDC Discovery §4, RFC 8414 §3) and JWKS (RFC 7517 §5)."""
    door = Blueprint("metadata", __name__)
    refuse_in_json(door)

    @door.get("/.well-known/openid-configuration")
    @door.get("/.well-known/oauth-authorization-server")
    def metadata() -> Response:
        membership = hub.registry.current()
        document = provider_metadata(hub.issuer, membership.federation, hub.signing, now=hub.clock())
        return json_answer(document, max_age=_METADATA_SECONDS)

    @door.get("/jwks")
    def jwks() -> Response:
        return json_answer(hub.published_keys, max_age=_KEYS_SECONDS)

    return door
