"""The `claims` parameter: single claims and a level asked for beside the scopes; OpenID Connect Core §5.5."""

from __future__ import annotations

import json
from dataclasses import dataclass

from idp_adapters.certification.simulator.oidc.errors import InvalidRequestError


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsRequest:
    """Names asked for in each place, and the values asked of `acr`, in order of preference."""

    id_token: frozenset[str] = frozenset()
    userinfo: frozenset[str] = frozenset()
    acr_values: tuple[str, ...] = ()


def parse_claims_request(value: str) -> ClaimsRequest:
    """Read the parameter; absent means nothing asked. Raises `InvalidRequestError`."""
    if not value:
        return ClaimsRequest()
    try:
        document = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("claims is not JSON.") from error
    id_token, userinfo = _members(document, "id_token"), _members(document, "userinfo")
    return ClaimsRequest(
        id_token=frozenset(id_token),
        userinfo=frozenset(userinfo),
        acr_values=_acr_values(id_token.get("acr")),
    )


def _members(document: object, place: str) -> dict[str, object]:
    members = document.get(place) if isinstance(document, dict) else "not an object"
    if members is None:
        return {}
    if not isinstance(members, dict):
        raise InvalidRequestError("claims must be an object of objects.")
    return members


def _acr_values(request: object) -> tuple[str, ...]:
    if not isinstance(request, dict):
        return ()
    values = request.get("values", [request.get("value")])
    return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()
