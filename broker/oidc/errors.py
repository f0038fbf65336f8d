"""Why a relying service's request was refused: one class per cause, each with the standard's wire code.

Invariant: whether an error may travel to the client's redirect URI is decided by its root. An
`UnsafeToRedirectError` is a page on the hub, always; only a `RedirectableError` is sent to a client, and it
can only be raised where a registered redirect URI is already in hand. A `DirectError` answers the client's
own call (token endpoint) in the body, a `BearerError` answers the presenter of an access token.

`description` is public: printable ASCII without quote or backslash (RFC 6749 §4.1.2.1), the same for every
caller, and never an echo of what was sent. `detail` is for the log and may say what came, cut short.
"""

from __future__ import annotations

from dataclasses import dataclass

from authlib.oauth2 import OAuth2Error

from broker.outcomes import Outcome

_DETAIL_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAddress:
    """Where an answer to an authorization request may go: a redirect URI that the client registered.

    `state` is None when the client sent none, or one that cannot be given back (repeated, too long).
    """

    client_id: str
    redirect_uri: str
    state: str | None
    response_mode: str


class OpenIdError(OAuth2Error):
    """A request to the OpenID Provider was refused."""

    error: str = "invalid_request"
    description: str = "The request was refused"
    outcome: Outcome = Outcome.SERVICE_REQUEST_INVALID

    def __init__(self, detail: str = "", *, description: str | None = None) -> None:
        """Keep both texts; raises ValueError when the public one holds a character the standard forbids."""
        super().__init__(description=description or self.description)
        self.detail = ascii(detail[:_DETAIL_LENGTH])[1:-1] if detail else self.description


class UnsafeToRedirectError(OpenIdError):
    """Nothing may be sent to the address in the request: a page on the hub, always (A-AZ-01, A-AZ-02)."""


class RedirectableError(OpenIdError):
    """The client may be told at its registered redirect URI; `return_address` holds it once set."""

    return_address: ReturnAddress | None = None


class DirectError(OpenIdError):
    """The client that called is told in the body of the answer (RFC 6749 §5.2)."""


class BearerError(OpenIdError):
    """The presenter of an access token is told in `WWW-Authenticate` (RFC 6750 §3)."""

    status_code: int = 401


# Shown on the hub, never sent anywhere.


class UnreadableParametersError(UnsafeToRedirectError):
    """The request cannot be read at all: its size, type or encoding is wrong."""

    description = "The request could not be read"
    status_code: int = 400


class UnknownClientError(UnsafeToRedirectError):
    """`client_id` is missing, repeated, or names no registered service."""

    description = "The service that sent you here is not known"


class UnregisteredRedirectUriError(UnsafeToRedirectError):
    """`redirect_uri` is missing, repeated, or not exactly one that the service registered."""

    description = "The address to return to is not one that the service has registered"


# Sent to the client: what the sign-in came to.


_NOTHING_TO_GO_ON_WITH = Outcome.EXPIRED
"""Of the closed vocabulary the one that accuses nobody wrongly: the way on is to start again, with pages."""


class LoginRequiredError(RedirectableError):
    """`prompt=none`, and nobody suitable is signed in (OIDC Core §3.1.2.6)."""

    error = "login_required"
    description = "The citizen must sign in"
    outcome = _NOTHING_TO_GO_ON_WITH


class InteractionRequiredError(RedirectableError):
    """`prompt=none`, and a page would have to be shown."""

    error = "interaction_required"
    description = "The citizen must be asked something"
    outcome = _NOTHING_TO_GO_ON_WITH


class ConsentRequiredError(RedirectableError):
    """`prompt=none`, and the citizen has not agreed to what is asked."""

    error = "consent_required"
    description = "The citizen must agree first"
    outcome = _NOTHING_TO_GO_ON_WITH


class AccountSelectionRequiredError(RedirectableError):
    """`prompt=none`, and it is open who is meant."""

    error = "account_selection_required"
    description = "The citizen must choose how to sign in"
    outcome = _NOTHING_TO_GO_ON_WITH


class UnmetAuthenticationRequirementsError(RedirectableError):
    """The level that the service needs was not reached (OpenID Unmet Authentication Requirements 1.0)."""

    error = "unmet_authentication_requirements"
    description = "The level of assurance that is needed was not reached"
    outcome = Outcome.LEVEL_NOT_REACHED


class AccessDeniedError(RedirectableError):
    """The sign-in ended without an identity: cancelled, refused, or not proved."""

    error = "access_denied"
    description = "The sign-in was not completed"
    outcome = Outcome.CANCELLED_BY_CITIZEN


class TemporarilyUnavailableError(RedirectableError):
    """No way to sign in works at the moment."""

    error = "temporarily_unavailable"
    description = "Signing in is not possible at the moment"
    outcome = Outcome.PROVIDER_UNAVAILABLE


class ServerError(RedirectableError):
    """Something went wrong on the hub's side."""

    error = "server_error"
    description = "The hub could not complete the request"
    outcome = Outcome.HUB_ERROR


# Answers to a client's own call.


class InvalidTokenRequestError(DirectError):
    """A token request lacks a parameter, repeats one, or has one that cannot be read."""

    description = "The token request is malformed"


class InvalidClientError(DirectError):
    """The client did not prove who it is; says nothing about which part failed (RFC 6749 §5.2)."""

    error = "invalid_client"
    description = "Client authentication failed"
    status_code: int = 401

    def __init__(self, detail: str = "", *, tried_basic: bool = False) -> None:
        """Remember whether HTTP Basic was tried: then the answer must name that scheme."""
        super().__init__(detail)
        self.tried_basic = tried_basic

    def get_headers(self) -> list[tuple[str, str]]:
        """Headers of the answer; with `WWW-Authenticate: Basic` only after Basic was tried."""
        headers = [
            ("Content-Type", "application/json"),
            ("Cache-Control", "no-store"),
            ("Pragma", "no-cache"),
        ]
        if self.tried_basic:
            headers.append(("WWW-Authenticate", 'Basic realm="countersign", charset="UTF-8"'))
        return headers


class InvalidGrantError(DirectError):
    """The code or token is unknown, spent, expired, another client's, or its proof does not fit."""

    error = "invalid_grant"
    description = "The code is not valid"


class UnauthorizedClientError(DirectError):
    """The client may not use this grant."""

    error = "unauthorized_client"
    description = "This grant is not open to the client"


class UnsupportedGrantTypeError(DirectError):
    """The hub does not know this grant (A-AZ-04)."""

    error = "unsupported_grant_type"
    description = "This grant_type is not supported"


# Answers to the presenter of an access token.


class MissingTokenError(BearerError):
    """No access token was presented: challenged without an error code (RFC 6750 §3.1)."""

    error = ""
    description = ""


class InvalidBearerRequestError(BearerError):
    """A token was presented in two ways at once, or in one that is not taken (RFC 6750 §2)."""

    description = "The access token must be presented in one way"
    status_code = 400


class InvalidTokenError(BearerError):
    """The access token is unknown, expired, revoked, or not meant for this; the same words for each."""

    error = "invalid_token"
    description = "The access token is not valid"


class InsufficientScopeError(BearerError):
    """The access token does not reach this far (RFC 6750 §3.1)."""

    error = "insufficient_scope"
    description = "The access token does not cover this"
    status_code = 403
