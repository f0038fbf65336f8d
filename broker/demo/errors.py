"""Everything that can stop a sign-in at a demonstration service, one class per cause.

`code` is what the service's page carries in `#error[data-error]`; `description` is for the citizen's eyes;
`detail` is for the service's log and holds no personal data.
"""

from __future__ import annotations


class SignInError(Exception):
    """Raised as one of its subclasses when a sign-in cannot be finished; nobody is then signed in."""

    code = "sign_in_failed"
    description = "Something went wrong while signing you in."

    def __init__(self, detail: str) -> None:
        """Keep what the operator needs apart from what the citizen reads."""
        super().__init__(detail)
        self.detail = detail


class HubUnreachableError(SignInError):
    """Raised when the hub does not answer, or not in time."""

    code = "hub_unreachable"
    description = "The sign-in hub is not answering just now. Try again in a few minutes."


class HubAnswerError(SignInError):
    """Raised when the hub answers with something that the standards do not allow here."""

    code = "hub_answer_invalid"
    description = "The sign-in hub gave an answer that we could not use."


class StateMismatchError(SignInError):
    """Raised when an answer does not belong to a sign-in that this browser began; RFC 6749 10.12."""

    code = "state_mismatch"
    description = "This sign-in was not started in this browser, or it has already been used. Start again."


class IssuerMismatchError(SignInError):
    """Raised when an answer, or the hub's discovery document, names another issuer; RFC 9207 2.4."""

    code = "issuer_mismatch"
    description = "The answer did not come from the hub that we asked."


class RefusedByHubError(SignInError):
    """Raised when the hub ends the sign-in with an OAuth error; RFC 6749 4.1.2.1 and 5.2, RFC 6750 3.1.

    `code` is then the hub's own error code; `journey` and `outcome` come from its `error_uri`.
    """

    def __init__(
        self, *, code: str, description: str, error_uri: str = "", outcome: str = "", journey: str = ""
    ) -> None:
        """Keep the hub's words; what `error_uri` holds beside them has been checked by the caller."""
        super().__init__(
            f"the hub refused with {code}; outcome {outcome or 'unknown'}, journey {journey or 'none'}"
        )
        self.code = code
        self.description = description or SignInError.description
        self.error_uri = error_uri
        self.outcome = outcome
        self.journey = journey


class IdTokenError(SignInError):
    """Raised as one of its subclasses when an ID token is not good; OpenID Connect Core 3.1.3.7."""

    code = "id_token_invalid"
    description = "The hub's answer did not pass our checks, so we have not signed you in."


class IdTokenMalformedError(IdTokenError):
    """Raised when the token is no JWT, or lacks a claim that must be there."""

    code = "id_token_malformed"


class IdTokenAlgorithmError(IdTokenError):
    """Raised when the token is signed with another algorithm than the registered one, or with none."""

    code = "id_token_algorithm"


class IdTokenKeyError(IdTokenError):
    """Raised when the hub publishes no usable key under the token's `kid`."""

    code = "id_token_key"


class IdTokenSignatureError(IdTokenError):
    """Raised when the signature is not the hub's."""

    code = "id_token_signature"


class IdTokenIssuerError(IdTokenError):
    """Raised when another issuer made the token."""

    code = "id_token_issuer"


class IdTokenAudienceError(IdTokenError):
    """Raised when the token is for another service, or for others beside us."""

    code = "id_token_audience"


class IdTokenExpiredError(IdTokenError):
    """Raised when the token's time is over, or has not come."""

    code = "id_token_expired"


class IdTokenNonceError(IdTokenError):
    """Raised when the token answers another request than ours."""

    code = "id_token_nonce"


class AccessTokenMismatchError(IdTokenError):
    """Raised when `at_hash` is another access token's; OpenID Connect Core 3.1.3.8."""

    code = "id_token_at_hash"


class SignInTooOldError(IdTokenError):
    """Raised when the person signed in longer ago than the `max_age` that was asked for."""

    code = "id_token_too_old"


class LevelTooLowError(IdTokenError):
    """Raised when the stated level of assurance is not one that this service accepts."""

    code = "level_too_low"
    description = "Your identity could not be confirmed to the level that this service needs."


class SubjectMismatchError(SignInError):
    """Raised when the attributes are about someone else than the ID token; OpenID Connect Core 5.3.2."""

    code = "subject_mismatch"
    description = "The details we received were not about the person who signed in."


class ServiceKeyError(Exception):
    """Raised when the service's private key file is unreadable or open to other users."""


class DemoError(Exception):
    """Raised when the demonstration cannot start or go on; the text is for the person at the terminal."""


class PortInUseError(DemoError):
    """Raised before anything is started, when somebody listens on a port that the demonstration needs."""

    def __init__(self, *, port: int, needed_for: str) -> None:
        super().__init__(
            f"Port {port} is in use, and {needed_for} needs it. Stop what listens there and try again."
        )


class NoFreePortError(DemoError):
    """Raised when no port was found that a program could listen on."""

    def __init__(self) -> None:
        super().__init__("No free port was found on this machine.")


class ProcessEndedError(DemoError):
    """Raised when a program that should be running has ended."""

    def __init__(self, *, name: str, exit_code: int, log_tail: str) -> None:
        super().__init__(f"{name} has ended with exit code {exit_code}. The end of its log:\n{log_tail}")


class NotReadyError(DemoError):
    """Raised when a program does not answer in time."""

    def __init__(self, *, name: str, url: str, log_tail: str) -> None:
        super().__init__(f"{name} does not answer at {url}. The end of its log:\n{log_tail}")
