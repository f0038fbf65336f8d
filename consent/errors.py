"""Why a decision about sharing was not recorded: one class per cause.

`description` may be shown to anyone; `detail` is for the operator's log and names rules and attribute
names, never a person's values.
"""

from __future__ import annotations

from typing import ClassVar


class ConsentError(Exception):
    """A decision was not recorded; the caller rolls its transaction back."""

    description: ClassVar[str] = "Your decision could not be recorded."

    def __init__(self, detail: str) -> None:
        """Keep what the operator needs to know; it must not hold personal data."""
        super().__init__(detail)
        self.detail = detail


class InvalidTermsError(ConsentError):
    """The terms are not ones that a person could have been shown: a bad digest, an attribute twice."""


class SharedNotOfferedError(ConsentError):
    """The decision shares an attribute that the terms did not offer (A-CO-03)."""


class RequiredNotSharedError(ConsentError):
    """The decision agrees but leaves out an attribute that the service cannot do without."""


class RefusalSharesError(ConsentError):
    """The decision refuses and yet shares something."""


class ConsentConflictError(ConsentError):
    """Another decision about the same sharing was recorded in between; look again and ask again."""

    description = "You decided about this in another window in the meantime. Check it and decide again."


class NothingToWithdrawError(ConsentError):
    """There is no standing consent: never given, refused, or withdrawn already."""

    description = "This service can no longer receive anything about you."


class RecordFormatError(ConsentError):
    """A stored record opened but does not read as one: written by another version, or damaged."""
