"""The checks of an authorization request, in the order in which they run: CHECKS is the table of contents.

Invariant: nothing is ever sent to an address that the client did not register exactly. The client and its
redirect URI are settled first, by `find_service` and `find_redirect_uri`, whose errors are pages on the hub;
every later check is handed an `Asked`, which holds both, and only there can a `RedirectableError` arise
(A-AZ-01, A-AZ-02). What the registration demands cannot be lowered by what the front channel says (A-AS-03).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from broker.oidc import errors, request_errors
from broker.oidc.asked import LONGEST_STATE, RESPONSE_MODES, Asked, find_redirect_uri, find_service
from broker.oidc.authorization_request import AuthorizationRequest
from broker.oidc.claims_request import parse_claims_request
from broker.oidc.parameters import KNOWN, ParameterFault, Parameters
from broker.oidc.scopes import OPENID, registered_scopes
from config.federation import (
    AuthorizationResponse,
    ClientAuthenticationMethod,
    Federation,
    Pkce,
    RelyingService,
    SecurityProfile,
    SenderConstraint,
    SigningAlgorithm,
)

RESPONSE_TYPES: Final = ("code",)
PROMPTS: Final = ("none", "login", "consent", "select_account")
DISPLAYS: Final = ("page", "popup", "touch", "wap")

CLIENT_AUTHENTICATION_METHODS: Final = (
    ClientAuthenticationMethod.PRIVATE_KEY_JWT,
    ClientAuthenticationMethod.CLIENT_SECRET_BASIC,
    ClientAuthenticationMethod.CLIENT_SECRET_POST,
)
ID_TOKEN_ALGORITHMS: Final = (SigningAlgorithm.ES256, SigningAlgorithm.RS256)
"""What the hub has keys for."""

LONGEST_NONCE: Final = 512
LONGEST_LOGIN_HINT: Final = 320
"""A longer hint than any address or number is no hint, and left out; nothing is refused because of a hint."""
MOST_WORDS: Final = 50
"""Of `acr_values` and `ui_locales`, both voluntary: what comes after is left out."""

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS = re.compile(r"[0-9]{1,9}")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")


def validate_authorization_request(
    parameters: Parameters, federation: Federation
) -> tuple[RelyingService, AuthorizationRequest]:
    """Return the service and what it validly asks for (RFC 6749 §4.1.1, OIDC Core §3.1.2.1).

    Raises UnsafeToRedirectError while the client or its redirect URI is in doubt, and afterwards only
    RedirectableError, always with its `return_address`.
    """
    service = find_service(parameters, federation)
    redirect_uri = find_redirect_uri(parameters, service)
    asked = Asked(service=service, redirect_uri=redirect_uri, parameters=parameters)
    try:
        for check in CHECKS:
            check(asked)
        return service, _read(asked, federation)
    except errors.RedirectableError as error:
        error.return_address = asked.return_address
        raise


def parameters_are_sound(asked: Asked) -> None:
    """No parameter came twice, too long or wrongly encoded (RFC 6749 §3.1; A-AZ-05)."""
    for name, fault in asked.parameters.faults.items():
        shown = name if name in KNOWN else "an unknown parameter"
        if fault is ParameterFault.REPEATED:
            raise request_errors.RepeatedParameterError(
                f"{shown} came more than once", description=_about(name, "was sent more than once")
            )
        raise request_errors.UnacceptableParameterError(
            f"{shown} is {fault}", description=_about(name, "is too long or wrongly encoded")
        )


def registration_can_be_kept(asked: Asked) -> None:
    """A service gets the protection it is registered for, or nothing, and is told before anybody signs in."""
    service = asked.service
    unserved = {
        "profile": service.profile is not SecurityProfile.OIDC,
        "request_object": service.request_object.required,
        "authorization_response": service.authorization_response is not AuthorizationResponse.PLAIN,
        "sender_constrained": service.sender_constrained is not SenderConstraint.NONE,
        "client_authentication": service.client_authentication.method not in CLIENT_AUTHENTICATION_METHODS,
        "one_time_attributes": service.one_time_attributes,
        "id_token.signed": service.id_token.signed not in ID_TOKEN_ALGORITHMS,
        "id_token.encrypted": service.id_token.encrypted is not None,
        "userinfo": service.userinfo.signed is not None or service.userinfo.encrypted is not None,
    }
    if missing := [field for field, asks_more in unserved.items() if asks_more]:
        raise request_errors.UnservedRegistrationError(
            f"{service.id} is registered for more: {', '.join(missing)}"
        )


def request_object_is_absent(asked: Asked) -> None:
    """Request objects are refused by name, never ignored (OIDC Core §6; they come with RFC 9101)."""
    if "request" in asked.parameters:
        raise request_errors.RequestObjectNotSupportedError
    if "request_uri" in asked.parameters:
        raise request_errors.RequestUriNotSupportedError
    if "registration" in asked.parameters:
        raise request_errors.RegistrationNotSupportedError


def response_type_is_code(asked: Asked) -> None:
    """Only a code is given (RFC 9700 §2.1.2; A-AZ-04)."""
    response_type = asked.get("response_type")
    if response_type is None:
        raise request_errors.MissingResponseTypeError
    if response_type not in RESPONSE_TYPES:
        raise request_errors.UnsupportedResponseTypeError(f"expected code, got {response_type}")


def response_mode_is_known(asked: Asked) -> None:
    """The answer can be given in the wished-for mode (OAuth 2.0 Multiple Response Types §2.1)."""
    response_mode = asked.get("response_mode")
    if response_mode is not None and response_mode not in RESPONSE_MODES:
        raise request_errors.UnsupportedResponseModeError(f"expected query, got {response_mode}")


def scope_is_registered(asked: Asked) -> None:
    """`openid` is among the scopes, and the registration covers every other one (A-AZ-08)."""
    scope = _scope(asked)
    for word in scope:
        if not _SCOPE.fullmatch(word) or word not in registered_scopes(asked.service):
            raise request_errors.UnregisteredScopeError(f"{asked.service.id} is not registered for {word}")
    if OPENID not in scope:
        raise request_errors.MissingOpenIdScopeError(f"expected openid, got {' '.join(scope)}")


def code_challenge_is_strong(asked: Asked) -> None:
    """PKCE with S256, left out only where the registration says so (RFC 9700 §2.1.1; A-AZ-03)."""
    challenge, method = asked.get("code_challenge"), asked.get("code_challenge_method")
    if challenge is None:
        if method is not None:
            raise request_errors.MalformedCodeChallengeError(
                f"expected a code_challenge for method {method}, got none"
            )
        if asked.service.pkce is Pkce.REQUIRED:
            raise request_errors.MissingCodeChallengeError(f"{asked.service.id} sent no code_challenge")
        return
    if method != "S256":
        raise request_errors.WeakCodeChallengeError(f"expected S256, got {method}")
    if not _S256_CHALLENGE.fullmatch(challenge):
        raise request_errors.MalformedCodeChallengeError(
            f"expected 43 characters of base64url, got {challenge}"
        )


def prompt_is_known(asked: Asked) -> None:
    """Every prompt is defined, and `none` stands alone (OIDC Core §3.1.2.1)."""
    prompts = _words(asked.get("prompt"))
    for prompt in prompts:
        if prompt not in PROMPTS:
            raise request_errors.UnknownPromptError(f"expected one of {' '.join(PROMPTS)}, got {prompt}")
    if "none" in prompts and len(prompts) > 1:
        raise request_errors.ContradictoryPromptError(f"expected none alone, got {' '.join(prompts)}")


def max_age_is_seconds(asked: Asked) -> None:
    """`max_age` is a whole number of seconds, zero or more."""
    max_age = asked.get("max_age")
    if max_age is not None and not _SECONDS.fullmatch(max_age):
        raise request_errors.MalformedMaxAgeError(f"expected seconds, got {max_age}")


def claims_are_well_formed(asked: Asked) -> None:
    """The `claims` parameter can be read as a whole (OIDC Core §5.5)."""
    parse_claims_request(asked.get("claims"))


def state_can_be_returned(asked: Asked) -> None:
    """`state` fits into the answer."""
    state = asked.get("state")
    if state is not None and len(state) > LONGEST_STATE:
        raise request_errors.MalformedStateError(
            f"expected at most {LONGEST_STATE} characters, got {len(state)}"
        )


def nonce_can_be_returned(asked: Asked) -> None:
    """`nonce` fits into the ID token; a code request may do without (OIDC Core §3.1.2.1)."""
    nonce = asked.get("nonce")
    if nonce is not None and len(nonce) > LONGEST_NONCE:
        raise request_errors.MalformedNonceError(
            f"expected at most {LONGEST_NONCE} characters, got {len(nonce)}"
        )


CHECKS: Final[tuple[Callable[[Asked], None], ...]] = (
    parameters_are_sound,
    registration_can_be_kept,
    request_object_is_absent,
    response_type_is_code,
    response_mode_is_known,
    scope_is_registered,
    code_challenge_is_strong,
    prompt_is_known,
    max_age_is_seconds,
    claims_are_well_formed,
    state_can_be_returned,
    nonce_can_be_returned,
)
"""What is checked once the client may be told, in this order.

`acr_values`, `ui_locales`, `display` and hints are voluntary: what is not understood of them is ignored, and
a level that must be met is asked for by `claims`.
"""


def _read(asked: Asked, federation: Federation) -> AuthorizationRequest:
    """Make the request out of parameters that have passed every check."""
    max_age, display = asked.get("max_age"), asked.get("display")
    login_hint = asked.get("login_hint")
    return AuthorizationRequest(
        client_id=asked.service.id,
        redirect_uri=asked.redirect_uri,
        response_type=RESPONSE_TYPES[0],
        response_mode=asked.get("response_mode") or RESPONSE_MODES[0],
        scope=_scope(asked),
        state=asked.get("state"),
        nonce=asked.get("nonce"),
        code_challenge=asked.get("code_challenge"),
        prompt=frozenset(_words(asked.get("prompt"))),
        max_age=None if max_age is None else int(max_age),
        login_hint=login_hint if login_hint and len(login_hint) <= LONGEST_LOGIN_HINT else None,
        id_token_hint=asked.get("id_token_hint"),
        ui_locales=_language_tags(asked.get("ui_locales")),
        acr_values=_words(asked.get("acr_values"))[:MOST_WORDS],
        claims=parse_claims_request(asked.get("claims")),
        provider_hint=_provider_hint(asked, federation),
        display=display if display in DISPLAYS else None,
    )


def _scope(asked: Asked) -> tuple[str, ...]:
    """Return the scopes that count; one for refresh tokens, where registered, is taken and gives none yet."""
    scope = _words(asked.get("scope"))
    if asked.service.refresh_tokens:
        return tuple(word for word in scope if word != "offline_access")
    return scope


def _provider_hint(asked: Asked, federation: Federation) -> str | None:
    hint = asked.get("provider_hint")
    if hint is None or not asked.service.direct_hint or hint not in federation.providers:
        return None
    return hint if asked.service.providers.admits(hint) else None


def _language_tags(text: str | None) -> tuple[str, ...]:
    return tuple(tag for tag in _words(text)[:MOST_WORDS] if _LANGUAGE_TAG.fullmatch(tag))


def _words(text: str | None) -> tuple[str, ...]:
    """Split at spaces and keep each word once, in order."""
    return tuple(dict.fromkeys(word for word in (text or "").split(" ") if word))


def _about(name: str, what: str) -> str:
    return f"{name if name in KNOWN else 'A parameter'} {what}"
