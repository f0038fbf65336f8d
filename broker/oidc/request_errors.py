"""What is wrong with an authorization request, told to the client at its registered redirect URI.

Invariant: each of the checks in `request_checks.CHECKS` has its own error here; all of them are redirectable,
so none of them may be raised before the redirect URI is known to be the client's (A-AZ-02).
"""

from __future__ import annotations

from broker.oidc.errors import RedirectableError


class RepeatedParameterError(RedirectableError):
    """A parameter came twice, also when once in the query and once in the body (RFC 6749 §3.1; A-AZ-05)."""

    description = "A parameter was sent more than once"


class UnacceptableParameterError(RedirectableError):
    """A parameter's name or value is too long, wrongly encoded, or holds control characters."""

    description = "A parameter is too long or wrongly encoded"


class UnservedRegistrationError(RedirectableError):
    """The service is registered for a protection that the hub cannot give yet: it is given nothing."""

    error = "unauthorized_client"
    description = "What this service is registered for is not available"


class RequestObjectNotSupportedError(RedirectableError):
    """The `request` parameter is not taken (OIDC Core §6.1)."""

    error = "request_not_supported"
    description = "Request objects are not supported"


class RequestUriNotSupportedError(RedirectableError):
    """The `request_uri` parameter is not taken (OIDC Core §6.2)."""

    error = "request_uri_not_supported"
    description = "Request objects by reference are not supported"


class RegistrationNotSupportedError(RedirectableError):
    """The `registration` parameter is not taken (OIDC Core §7.2.1)."""

    error = "registration_not_supported"
    description = "The registration parameter is not supported"


class MissingResponseTypeError(RedirectableError):
    """`response_type` is required (RFC 6749 §4.1.1)."""

    description = "response_type is missing"


class UnsupportedResponseTypeError(RedirectableError):
    """Only the authorization code is given, nothing else (RFC 9700 §2.1.2; A-AZ-04)."""

    error = "unsupported_response_type"
    description = "Only response_type code is supported"


class UnsupportedResponseModeError(RedirectableError):
    """The answer cannot be given in the wished-for mode."""

    description = "This response_mode is not supported"


class MissingOpenIdScopeError(RedirectableError):
    """Without `openid` it is not an OpenID request (OIDC Core §3.1.2.1)."""

    error = "invalid_scope"
    description = "The scope openid is required"


class UnregisteredScopeError(RedirectableError):
    """A scope that is malformed, unknown, or not covered by the service's registration (A-AZ-08)."""

    error = "invalid_scope"
    description = "A scope is not registered for this service"


class MissingCodeChallengeError(RedirectableError):
    """PKCE is required of this service (RFC 7636; RFC 9700 §2.1.1; A-AZ-03)."""

    description = "code_challenge is required"


class WeakCodeChallengeError(RedirectableError):
    """Only S256 counts; `plain`, also what a missing method means, proves nothing (RFC 7636 §4.3)."""

    description = "code_challenge_method must be S256"


class MalformedCodeChallengeError(RedirectableError):
    """An S256 challenge is 43 characters of base64url (RFC 7636 §4.2), and a method needs one."""

    description = "code_challenge is malformed"


class UnknownPromptError(RedirectableError):
    """`prompt` holds a value that OIDC Core §3.1.2.1 does not define."""

    description = "A prompt value is not known"


class ContradictoryPromptError(RedirectableError):
    """`none` stands alone (OIDC Core §3.1.2.1)."""

    description = "prompt none cannot be combined with another value"


class MalformedMaxAgeError(RedirectableError):
    """`max_age` is a whole number of seconds, not negative."""

    description = "max_age must be a whole number of seconds"


class MalformedClaimsError(RedirectableError):
    """The `claims` parameter is not the object of OIDC Core §5.5."""

    description = "The claims parameter is malformed"


class MalformedStateError(RedirectableError):
    """`state` is longer than the hub gives back."""

    description = "state is too long"


class MalformedNonceError(RedirectableError):
    """`nonce` is longer than the hub puts into an ID token."""

    description = "nonce is too long"
