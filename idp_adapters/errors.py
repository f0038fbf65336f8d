"""Why a sign-in at a provider did not yield an identity: one class per cause.

`detail` is for the operator's log (what was expected, what came, never a person's data); the public
words for each cause belong to the pages. `reason` is a short closed code that the audit trail may keep.
"""

from __future__ import annotations

from typing import ClassVar


class IdentityProviderError(Exception):
    """A provider's answer did not yield a verified identity."""

    reason: ClassVar[str] = "provider_error"

    def __init__(self, detail: str) -> None:
        """Keep what the operator needs to know; it must not hold personal data or secrets."""
        super().__init__(detail)
        self.detail = detail


class SignInCancelledError(IdentityProviderError):
    """The citizen stopped at the provider."""

    reason = "cancelled"


class IdentityNotProvedError(IdentityProviderError):
    """The provider tried and could not prove who the citizen is."""

    reason = "not_proved"


class LevelNotReachedError(IdentityProviderError):
    """The provider says that it could not reach the level asked for."""

    reason = "level_not_reached"


class ProviderUnavailableError(IdentityProviderError):
    """The provider did not answer in time, refused the connection or failed by itself."""

    reason = "unavailable"


class ProviderBusyError(IdentityProviderError):
    """Too many calls to this provider are already under way here."""

    reason = "busy"


class UntrustedAnswerError(IdentityProviderError):
    """The answer failed verification: signature, binding, audience, times or form."""

    reason = "untrusted"


class AdapterSettingsError(ValueError):
    """A provider's registration does not fit its adapter; `faults` names every field at once."""

    def __init__(self, faults: tuple[tuple[str, str], ...]) -> None:
        """Keep (field, message) pairs, field paths relative to the provider's `settings`."""
        super().__init__("; ".join(f"{field}: {message}" for field, message in faults))
        self.faults = faults
