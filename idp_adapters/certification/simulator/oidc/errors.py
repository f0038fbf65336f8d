"""Refusals of the simulated OpenID Provider, one class per cause, with the code that goes over the wire.

`AuthorizationError`s travel back to the client by redirect, `TokenError`s as JSON, `BearerError`s in a
challenge. An `UntrustedRequestError` is shown to the person: where to send them is itself in doubt.
"""

from __future__ import annotations

from typing import ClassVar

from idp_adapters.certification.simulator.errors import SimulatorError


class UntrustedRequestError(SimulatorError):
    """The client or its redirect URI is missing, repeated, malformed or unexpected; RFC 6749 §4.1.2.1."""


class OAuthError(SimulatorError):
    """An error that has a code of OAuth 2.0 or OpenID Connect."""

    code: ClassVar[str]


class AuthorizationError(OAuthError):
    """An error of the authorization endpoint; RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6."""


class InvalidRequestError(AuthorizationError):
    """A parameter is missing, malformed or repeated, or PKCE with S256 is not used; RFC 7636 §4.4.1."""

    code = "invalid_request"


class UnsupportedResponseTypeError(AuthorizationError):
    """Another response type than `code` is asked for."""

    code = "unsupported_response_type"


class InvalidScopeError(AuthorizationError):
    """`openid` is not among the scopes."""

    code = "invalid_scope"


class RequestNotSupportedError(AuthorizationError):
    """The request comes as an object; RFC 9101 is not offered here."""

    code = "request_not_supported"


class RequestUriNotSupportedError(AuthorizationError):
    """The request comes by reference; RFC 9126 is not offered here."""

    code = "request_uri_not_supported"


class LoginRequiredError(AuthorizationError):
    """`prompt=none`, and nobody is signed in here recently enough."""

    code = "login_required"


class CancelledError(AuthorizationError):
    """The person turned back: outcome `cancel`."""

    code = "access_denied"


class NotProvedError(AuthorizationError):
    """The identity could not be proved: outcome `not-proved`; Unmet Authentication Requirements 1.0."""

    code = "unmet_authentication_requirements"


class TokenError(OAuthError):
    """An error of the token endpoint; RFC 6749 §5.2."""

    status: ClassVar[int] = 400


class InvalidTokenRequestError(TokenError):
    """A parameter is missing or repeated."""

    code = "invalid_request"


class UnsupportedGrantTypeError(TokenError):
    """Another grant than `authorization_code` is asked for."""

    code = "unsupported_grant_type"


class InvalidClientError(TokenError):
    """The client did not prove who it is."""

    code = "invalid_client"
    status = 401


class InvalidGrantError(TokenError):
    """The code is unknown, spent, expired or another client's, or redirect URI or verifier do not fit."""

    code = "invalid_grant"


class BearerError(OAuthError):
    """The access token is missing, unknown or expired; RFC 6750 §3.1."""

    code = "invalid_token"
