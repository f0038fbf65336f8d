"""Client authentication: exactly one method, and the one that is registered (RFC 6749 §2.3).

Invariant: an `AuthenticatedClient` exists only for a service that proved who it is by the method of its
registration, offered alone. Every failure is the same `invalid_client`; what went wrong is in the detail,
which never holds a secret (A-CA-03).

Authlib's `ClientAuthentication` is not used: it tries methods in turn and takes the first that fits, so that
a second one passes unseen, and it reads no client from a registry of ours.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import unquote_to_bytes

from broker.oidc.client_assertion import ASSERTION_TYPE, SingleUse, verify_client_assertion
from broker.oidc.client_keys import ClientKeys
from broker.oidc.errors import InvalidClientError, InvalidTokenRequestError
from broker.oidc.parameters import KNOWN, Parameters
from config.federation import (
    ClientAuthenticationMethod,
    ClientSecretBasic,
    ClientSecretPost,
    Federation,
    RelyingService,
)

SECRET_PARAMETERS: Final = frozenset({"client_secret", "client_assertion"})
LONGEST_AUTHORIZATION: Final = 8 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCall:
    """What a client sent to prove itself: the parameters, and the `Authorization` header as it came."""

    parameters: Parameters
    authorization: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatedClient:
    """A service that proved who it is; `jti_mark` must be claimed in the transaction that serves it."""

    service: RelyingService
    method: ClientAuthenticationMethod
    jti_mark: SingleUse | None


def require_sound_parameters(parameters: Parameters) -> None:
    """No parameter of a direct call is repeated or unreadable; raises InvalidTokenRequestError (A-AZ-05)."""
    for name, fault in parameters.faults.items():
        raise InvalidTokenRequestError(f"{name if name in KNOWN else 'an unknown parameter'} is {fault}")


def authenticate_client(
    call: ClientCall, *, federation: Federation, keys: ClientKeys, issuer: str, now: datetime
) -> AuthenticatedClient:
    """Return the client that made a call; raises InvalidClientError for every other case."""
    basic = call.authorization is not None
    try:
        method = _offered_method(call)
        client = _authenticated(method, call, federation=federation, keys=keys, issuer=issuer, now=now)
        named = call.parameters.get("client_id")
        if named is not None and named != client.service.id:
            raise InvalidClientError(f"{client.service.id} called with client_id {named}")
    except InvalidClientError as error:
        error.tried_basic = basic
        raise
    return client


def _offered_method(call: ClientCall) -> ClientAuthenticationMethod:
    """Return the one method that was offered."""
    parameters = call.parameters
    if leaked := SECRET_PARAMETERS & parameters.in_query:
        raise InvalidClientError(f"{', '.join(sorted(leaked))} came in the address, where logs keep it")
    offered = []
    if call.authorization is not None:
        offered.append(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
    if "client_secret" in parameters:
        offered.append(ClientAuthenticationMethod.CLIENT_SECRET_POST)
    if "client_assertion" in parameters or "client_assertion_type" in parameters:
        offered.append(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
    if len(offered) != 1:
        raise InvalidClientError(f"expected one method, got {', '.join(offered) or 'none'}")
    return offered[0]


def _authenticated(
    method: ClientAuthenticationMethod,
    call: ClientCall,
    *,
    federation: Federation,
    keys: ClientKeys,
    issuer: str,
    now: datetime,
) -> AuthenticatedClient:
    if method is ClientAuthenticationMethod.PRIVATE_KEY_JWT:
        if call.parameters.get("client_assertion_type") != ASSERTION_TYPE:
            raise InvalidClientError(f"expected client_assertion_type {ASSERTION_TYPE}")
        verified = verify_client_assertion(
            call.parameters.get("client_assertion") or "",
            federation=federation,
            keys=keys,
            issuer=issuer,
            now=now,
        )
        return AuthenticatedClient(service=verified.service, method=method, jti_mark=verified.jti_mark)
    if method is ClientAuthenticationMethod.CLIENT_SECRET_BASIC:
        client_id, secret = _basic_credentials(call.authorization or "")
    else:
        client_id, secret = call.parameters.get("client_id") or "", call.parameters.get("client_secret") or ""
    service = federation.services.get(client_id)
    _check_secret(service, method, client_id, secret)
    if service is None:
        raise InvalidClientError("expected a registered service")
    return AuthenticatedClient(service=service, method=method, jti_mark=None)


def _check_secret(
    service: RelyingService | None, method: ClientAuthenticationMethod, client_id: str, secret: str
) -> None:
    """Compare digests in constant time, whether or not the service exists or uses this method."""
    registration = None if service is None else service.client_authentication
    expected = _NO_DIGEST
    if isinstance(registration, ClientSecretBasic | ClientSecretPost):
        expected = registration.secret_sha256
    same = hmac.compare_digest(hashlib.sha256(secret.encode()).hexdigest(), expected)
    if registration is None or registration.method is not method:
        raise InvalidClientError(f"{client_id} is not registered for {method}")
    if not secret or not same:
        raise InvalidClientError(f"the secret of {client_id} is not right")


_NO_DIGEST: Final = "-" * 64


def _basic_credentials(authorization: str) -> tuple[str, str]:
    """Read HTTP Basic, whose two parts are form-url-encoded inside (RFC 6749 §2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic" or len(authorization) > LONGEST_AUTHORIZATION:
        raise InvalidClientError("expected the Basic scheme")
    try:
        text = base64.b64decode(encoded.strip().encode("ascii"), validate=True).decode("utf-8")
        client_id, separator, secret = text.partition(":")
        if not separator:
            raise InvalidClientError("expected client_id and secret with a colon between them")
        return _form_decoded(client_id), _form_decoded(secret)
    except (binascii.Error, ValueError) as error:
        raise InvalidClientError("expected Basic credentials in base64 of UTF-8") from error


def _form_decoded(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
