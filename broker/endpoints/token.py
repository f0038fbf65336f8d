"""The token endpoint (RFC 6749 §3.2): POST only, form only, the client authenticated before anything else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from flask import Blueprint, Response, request

from broker.endpoints.protocol_answers import direct_error, json_answer, refuse_in_json
from broker.grants import ACCESS_TOKEN_LIFE
from broker.hub import Hub, Membership
from broker.limits.limiter import Endpoint
from broker.oidc.clients import (
    AuthenticatedClient,
    ClientCall,
    authenticate_client,
    require_sound_parameters,
)
from broker.oidc.errors import (
    DirectError,
    InvalidTokenRequestError,
    UnreadableParametersError,
    UnsupportedGrantTypeError,
)
from broker.oidc.id_token import IdTokenContent, mint_id_token
from broker.oidc.parameters import Parameters, parse_parameters
from broker.tokens.redeeming import IssuedTokens, Redemption, redeem

_log = logging.getLogger(__name__)


def create_token_door(hub: Hub) -> Blueprint:
    """POST `/token`."""
    door = Blueprint("token", __name__)
    refuse_in_json(door)

    @door.post("/token")
    def token() -> Response:
        try:
            return json_answer(_granted(hub, _parameters(), hub.registry.current(), hub.clock()))
        except DirectError as error:
            hub.limits.count_refusal(Endpoint.TOKEN, request.environ)
            _log.info("token request refused: %s: %s", error.error, error.detail)
            return direct_error(error)

    return door


def _parameters() -> Parameters:
    try:
        parameters = parse_parameters(
            request.query_string, request.get_data(cache=False), request.content_type
        )
    except UnreadableParametersError as error:
        raise InvalidTokenRequestError(error.detail) from error
    require_sound_parameters(parameters)
    return parameters


def _granted(hub: Hub, parameters: Parameters, membership: Membership, now: datetime) -> dict[str, object]:
    client = authenticate_client(
        ClientCall(parameters=parameters, authorization=request.headers.get("Authorization")),
        federation=membership.federation,
        keys=membership.client_keys,
        issuer=hub.issuer,
        now=now,
    )
    grant_type = parameters.get("grant_type")
    if grant_type is None:
        raise InvalidTokenRequestError("expected grant_type")
    grant = GRANTS.get(grant_type)
    if grant is None:
        raise UnsupportedGrantTypeError(f"expected one of {', '.join(GRANTS)}")
    return grant(hub, membership, client, parameters, now)


def _authorization_code(
    hub: Hub, membership: Membership, client: AuthenticatedClient, parameters: Parameters, now: datetime
) -> dict[str, object]:
    code = parameters.get("code")
    if code is None:
        raise InvalidTokenRequestError("expected code")
    asked = Redemption(
        code=code,
        redirect_uri=parameters.get("redirect_uri"),
        code_verifier=parameters.get("code_verifier"),
    )
    issued = redeem(hub, client, asked, now)
    return {
        "access_token": str(issued.access_token),
        "token_type": "Bearer",
        "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
        "scope": " ".join(issued.grant.entitlement.scope),
        "id_token": _id_token(hub, membership, issued),
    }


def _id_token(hub: Hub, membership: Membership, issued: IssuedTokens) -> str:
    entitlement = issued.grant.entitlement
    service = membership.federation.services[entitlement.client_id]
    content = IdTokenContent(
        issuer=hub.issuer,
        subject=entitlement.subject,
        audience=entitlement.client_id,
        acr=entitlement.acr,
        authenticated_at=entitlement.authenticated_at,
        nonce=issued.grant.nonce,
        session=entitlement.session,
        access_token=str(issued.access_token),
        claims=entitlement.id_token_claims,
    )
    return mint_id_token(hub.signing, content, algorithm=service.id_token.signed, now=issued.issued_at)


Grant = Callable[[Hub, Membership, AuthenticatedClient, Parameters, datetime], dict[str, object]]

GRANTS: Final[Mapping[str, Grant]] = {"authorization_code": _authorization_code}
"""Every grant there is; discovery lists these."""
