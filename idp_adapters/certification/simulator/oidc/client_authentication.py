"""A client proves who it is at the token endpoint, by key (RFC 7523 §3) or by secret (RFC 6749 §2.3.1)."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from idp_adapters.certification.simulator.oidc.client_assertion import (
    ASSERTION_TYPE,
    UnverifiedAssertion,
    read_unverified,
    verify_assertion,
)
from idp_adapters.certification.simulator.oidc.client_keys import ClientKeys, published_beside
from idp_adapters.certification.simulator.oidc.errors import InvalidClientError
from idp_adapters.certification.simulator.oidc.shelf import Shelf

if TYPE_CHECKING:
    from datetime import datetime

    from idp_adapters.certification.simulator.oidc.options import StubOptions
    from idp_adapters.certification.simulator.oidc.parameters import Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedSecret:
    """A client_id and a secret, not compared yet."""

    subject: str
    secret: str


Credentials = UnverifiedAssertion | UnverifiedSecret


def parse_credentials(parameters: Parameters, authorization: str) -> Credentials:
    """Read one method of authentication, and one only. Raises `InvalidClientError`."""
    assertion = parameters.get("client_assertion")
    if parameters.get("client_secret") or bool(assertion) == bool(authorization):
        raise InvalidClientError(
            "Authenticate by private_key_jwt or client_secret_basic, and by one of them only."
        )
    if assertion and parameters.get("client_assertion_type") != ASSERTION_TYPE:
        raise InvalidClientError("client_assertion_type is not jwt-bearer.")
    credentials = read_unverified(assertion) if assertion else _parse_basic(authorization)
    if parameters.get("client_id") not in {"", credentials.subject}:
        raise InvalidClientError("client_id and the credentials name different clients.")
    return credentials


class ClientAuthentication:
    """Checks what clients show; remembers their keys and which assertions were used."""

    def __init__(self, issuer: str, options: StubOptions) -> None:
        """Accept assertions for this issuer only."""
        self._issuer = issuer
        self._options = options
        self._keys = ClientKeys(ca_bundle=options.ca_bundle)
        self._used_assertions: Shelf[bool] = Shelf(capacity=100_000)

    def authenticate(self, shown: Credentials, *, redirect_uri: str, now: datetime) -> str:
        """Give the client's id, proved. Raises `InvalidClientError`.

        redirect_uri: where this client was sent its code; it leads to its keys unless an option does.
        """
        if self._options.client_id is not None and shown.subject != self._options.client_id:
            raise InvalidClientError("This client is not known here.")
        if isinstance(shown, UnverifiedSecret):
            self._compare_secret(shown)
        else:
            self._verify(shown, redirect_uri=redirect_uri, now=now)
        return shown.subject

    def _compare_secret(self, shown: UnverifiedSecret) -> None:
        expected = self._options.client_secret
        if expected is not None and not hmac.compare_digest(shown.secret.encode(), expected.encode()):
            raise InvalidClientError("The client secret is wrong.")

    def _verify(self, shown: UnverifiedAssertion, *, redirect_uri: str, now: datetime) -> None:
        address = self._options.client_jwks_uri or (published_beside(redirect_uri) if redirect_uri else "")
        if not address:
            raise InvalidClientError("This client was never sent a code, so its keys cannot be found.")
        key = self._keys.find(address, shown.key_id, now=now)
        use = verify_assertion(shown, key=key, issuer=self._issuer, now=now)
        if not self._used_assertions.claim(
            f"{use.client_id} {use.identifier}", item=True, until=use.remember_until, now=now
        ):
            raise InvalidClientError("The client assertion was used before.")


def _parse_basic(authorization: str) -> UnverifiedSecret:
    scheme, _, value = authorization.partition(" ")
    try:
        name, _, secret = b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise InvalidClientError("The Authorization header cannot be read.") from error
    if scheme.lower() != "basic" or not name or not secret:
        raise InvalidClientError("The Authorization header is not Basic with a client_id and a secret.")
    return UnverifiedSecret(subject=unquote_plus(name), secret=unquote_plus(secret))
