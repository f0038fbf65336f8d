"""What the browser brings back: checked in this order, and all of it before any call to the provider.

Invariant: a code comes out only if it belongs to this browser's journey (`state`) and to this provider
(`iss`), so an honest provider's code is never handed to another one (mix-up, attacks A-UO-01 and A-UO-02; RFC
9207 §2.4).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from idp_adapters.errors import (
    IdentityNotProvedError,
    IdentityProviderError,
    ProviderUnavailableError,
    SignInCancelledError,
    UntrustedAnswerError,
)

# RFC 6749 A.11: visible ASCII and space. A space cannot be meant; 4,096 is more than any known provider's.
_CODE = re.compile(r"[\x21-\x7e]{1,4096}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedResponse:
    """`state` as sent, `issuer` as registered; `names_itself` tells whether `iss` must be there."""

    state: str
    issuer: str
    names_itself: Callable[[], bool]


Parameters = Mapping[str, str]


def read_code(parameters: Parameters, expected: ExpectedResponse) -> str:
    """Return the authorization code; RFC 6749 §4.1.2.

    Raises:
        SignInCancelledError, IdentityNotProvedError, ProviderUnavailableError, IdentityProviderError: the
            provider said so, in an answer that is its own.
        UntrustedAnswerError: the answer is not this journey's or not this provider's, or says nothing known.

    """
    for check in CHECKS:
        check(parameters, expected)
    return parameters["code"]


def _state_is_ours(parameters: Parameters, expected: ExpectedResponse) -> None:
    given = parameters.get("state", "")
    if not expected.state or not hmac.compare_digest(
        given.encode("utf-8", "replace"), expected.state.encode()
    ):
        raise UntrustedAnswerError("state is missing or not the one that was sent")


def _issuer_is_the_provider(parameters: Parameters, expected: ExpectedResponse) -> None:
    if "iss" in parameters:
        if parameters["iss"] != expected.issuer:
            raise UntrustedAnswerError("iss is not the issuer that the browser was sent to")
    elif expected.names_itself():
        raise UntrustedAnswerError("iss is missing although this provider always sends it")


def _answer_is_one(parameters: Parameters, _expected: ExpectedResponse) -> None:
    if ("code" in parameters) == ("error" in parameters):
        raise UntrustedAnswerError("the answer is neither a code nor an error, or both")


def _provider_does_not_refuse(parameters: Parameters, _expected: ExpectedResponse) -> None:
    if "error" in parameters:
        code = parameters["error"]
        if code not in REFUSALS:
            raise UntrustedAnswerError("the provider answered with an error that no standard defines")
        raise REFUSALS[code](f"the provider answered {code}")


def _code_is_well_formed(parameters: Parameters, _expected: ExpectedResponse) -> None:
    if not _CODE.fullmatch(parameters["code"]):
        raise UntrustedAnswerError("the code is empty, too long or not visible ASCII")


CHECKS = (
    _state_is_ours,
    _issuer_is_the_provider,
    _answer_is_one,
    _provider_does_not_refuse,
    _code_is_well_formed,
)

REFUSALS: Mapping[str, type[IdentityProviderError]] = MappingProxyType(
    {
        "access_denied": SignInCancelledError,
        # OpenID Connect Core Error Code unmet_authentication_requirements 1.0.
        "unmet_authentication_requirements": IdentityNotProvedError,
        "temporarily_unavailable": ProviderUnavailableError,
        "server_error": ProviderUnavailableError,
        # The provider could have asked the citizen and did not, or it does not take our request: its owner's
        # or our operator's to mend, never the citizen's.
        "login_required": IdentityProviderError,
        "interaction_required": IdentityProviderError,
        "account_selection_required": IdentityProviderError,
        "consent_required": IdentityProviderError,
        "invalid_request": IdentityProviderError,
        "invalid_scope": IdentityProviderError,
        "unauthorized_client": IdentityProviderError,
        "unsupported_response_type": IdentityProviderError,
        "invalid_request_uri": IdentityProviderError,
        "invalid_request_object": IdentityProviderError,
        "request_not_supported": IdentityProviderError,
        "request_uri_not_supported": IdentityProviderError,
        "registration_not_supported": IdentityProviderError,
    }
)
"""Error codes of RFC 6749 §4.1.2.1 and Core §3.1.2.6, and what each means to the hub."""
