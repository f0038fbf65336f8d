"""An authorization request is read once, by checks whose order is on this page; OpenID Connect Core §3.1.2.

First the place to answer to is settled (`parse_return_address`); only then may an error travel there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from idp_adapters.certification.simulator.oidc.claims_request import ClaimsRequest, parse_claims_request
from idp_adapters.certification.simulator.oidc.errors import (
    InvalidRequestError,
    InvalidScopeError,
    RequestNotSupportedError,
    RequestUriNotSupportedError,
    UnsupportedResponseTypeError,
    UntrustedRequestError,
)
from idp_adapters.certification.simulator.oidc.levels import DEFAULT_LEVEL, Level, first_known_level

if TYPE_CHECKING:
    from idp_adapters.certification.simulator.oidc.options import StubOptions
    from idp_adapters.certification.simulator.oidc.parameters import Parameters

_S256_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_AGE: Final = re.compile(r"[0-9]{1,9}")


class Prompt(StrEnum):
    """What the client asks to happen before the answer; Core §3.1.2.1."""

    NONE = "none"
    LOGIN = "login"
    CONSENT = "consent"
    SELECT_ACCOUNT = "select_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAddress:
    """Where the answer goes, errors included."""

    client_id: str
    redirect_uri: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A request that passed every check; `parameters` are as received, for the sign-in form to carry."""

    to: ReturnAddress
    scopes: tuple[str, ...]
    nonce: str
    code_challenge: str
    prompt: frozenset[Prompt]
    max_age: int | None
    level: Level
    claims: ClaimsRequest
    parameters: Parameters

    @property
    def demands_new_sign_in(self) -> bool:
        """Whether a sign-in of earlier does not count; `max_age=0` means the same as `prompt=login`."""
        return self.max_age == 0 or bool(self.prompt & {Prompt.LOGIN, Prompt.SELECT_ACCOUNT})


def parse_return_address(parameters: Parameters, options: StubOptions) -> ReturnAddress:
    """Settle whom to answer and where. Raises `UntrustedRequestError`: to be shown, not redirected."""
    client_id, redirect_uri = parameters.get("client_id"), parameters.get("redirect_uri")
    if parameters.repeats("client_id", "redirect_uri") or not client_id or not redirect_uri:
        raise UntrustedRequestError("The request must name one client_id and one redirect_uri.")
    if not _is_web_address(redirect_uri):
        raise UntrustedRequestError("redirect_uri must be an absolute http or https URL without fragment.")
    if options.client_id is not None and client_id != options.client_id:
        raise UntrustedRequestError("This client is not known here.")
    if options.redirect_uris and redirect_uri not in options.redirect_uris:
        raise UntrustedRequestError("This redirect_uri is not registered here.")
    return ReturnAddress(client_id=client_id, redirect_uri=redirect_uri, state=parameters.get("state"))


def parse_authorization_request(parameters: Parameters, to: ReturnAddress) -> AuthorizationRequest:
    """Read all else. Raises `AuthorizationError`, which may travel to `to`."""
    for check in CHECKS:
        check(parameters)
    claims = parse_claims_request(parameters.get("claims"))
    return AuthorizationRequest(
        to=to,
        scopes=tuple(parameters.get("scope").split()),
        nonce=parameters.get("nonce"),
        code_challenge=parameters.get("code_challenge"),
        prompt=_prompt(parameters),
        max_age=int(parameters.get("max_age")) if parameters.get("max_age") else None,
        level=_level(parameters, claims),
        claims=claims,
        parameters=parameters,
    )


def _no_parameter_comes_twice(parameters: Parameters) -> None:
    if parameters.repeats():
        raise InvalidRequestError("A parameter comes more than once.")


def _no_request_object(parameters: Parameters) -> None:
    if parameters.get("request"):
        raise RequestNotSupportedError("Request objects are not offered.")
    if parameters.get("request_uri"):
        raise RequestUriNotSupportedError("request_uri is not offered.")


def _response_is_a_code_in_the_query(parameters: Parameters) -> None:
    if not parameters.get("response_type"):
        raise InvalidRequestError("response_type is missing.")
    if parameters.get("response_type") != "code":
        raise UnsupportedResponseTypeError("Only response_type=code is offered.")
    if parameters.get("response_mode") not in {"", "query"}:
        raise InvalidRequestError("Only response_mode=query is offered.")


def _scope_asks_for_openid(parameters: Parameters) -> None:
    if "openid" not in parameters.get("scope").split():
        raise InvalidScopeError("scope must contain openid.")


def _challenge_is_s256(parameters: Parameters) -> None:
    if parameters.get("code_challenge_method") != "S256":
        raise InvalidRequestError("PKCE with code_challenge_method=S256 is required.")
    if _S256_CHALLENGE.fullmatch(parameters.get("code_challenge")) is None:
        raise InvalidRequestError("code_challenge must be 43 characters of base64url.")


def _prompt_none_stands_alone(parameters: Parameters) -> None:
    prompt = _prompt(parameters)
    if Prompt.NONE in prompt and len(prompt) > 1:
        raise InvalidRequestError("prompt=none must stand alone.")


def _max_age_is_a_number_of_seconds(parameters: Parameters) -> None:
    if parameters.get("max_age") and _MAX_AGE.fullmatch(parameters.get("max_age")) is None:
        raise InvalidRequestError("max_age must be a whole number of seconds.")


CHECKS: Final = (
    _no_parameter_comes_twice,
    _no_request_object,
    _response_is_a_code_in_the_query,
    _scope_asks_for_openid,
    _challenge_is_s256,
    _prompt_none_stands_alone,
    _max_age_is_a_number_of_seconds,
)


def _prompt(parameters: Parameters) -> frozenset[Prompt]:
    try:
        return frozenset(Prompt(value) for value in parameters.get("prompt").split())
    except ValueError as error:
        raise InvalidRequestError("prompt has an unknown value.") from error


def _level(parameters: Parameters, claims: ClaimsRequest) -> Level:
    """Let the `claims` parameter speak before `acr_values`, as the more exact of the two."""
    asked = (*claims.acr_values, *parameters.get("acr_values").split())
    return first_known_level(asked) or DEFAULT_LEVEL


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "#" not in value
