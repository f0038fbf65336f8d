"""How a journey can end, and whose part it was: the closed vocabulary of outcomes.

Invariant: every ended journey has exactly one code; a code has one responsible party and one OAuth error.
The wire values stand in the contract and are explained to services at `/outcomes/{code}`.
"""

from __future__ import annotations

from enum import StrEnum


class Party(StrEnum):
    """Who is responsible for how a journey ended."""

    CITIZEN = "citizen"
    PROVIDER = "provider"
    SERVICE = "service"
    HUB = "hub"


class Outcome(StrEnum):
    """How a journey ended; the value is what services and support see."""

    COMPLETED = "completed"
    CANCELLED_BY_CITIZEN = "cancelled_by_citizen"
    REFUSED_BY_CITIZEN = "refused_by_citizen"
    IDENTITY_NOT_PROVED = "identity_not_proved"
    LEVEL_NOT_REACHED = "level_not_reached"
    NO_ELIGIBLE_PROVIDER = "no_eligible_provider"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    PROVIDER_BUSY = "provider_busy"
    PROVIDER_ERROR = "provider_error"
    PROVIDER_SUSPENDED = "provider_suspended"
    PROVIDER_BLOCKED_BY_CITIZEN = "provider_blocked_by_citizen"
    DIFFERENT_PERSON = "different_person"
    SERVICE_REQUEST_INVALID = "service_request_invalid"
    EXPIRED = "expired"
    HUB_ERROR = "hub_error"

    @property
    def party(self) -> Party:
        """The party responsible."""
        return _PARTY[self]

    @property
    def oauth_error(self) -> str | None:
        """The error code a relying service receives (RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6); None for success."""
        return _OAUTH_ERROR[self]


_PARTY = {
    Outcome.COMPLETED: Party.HUB,
    Outcome.CANCELLED_BY_CITIZEN: Party.CITIZEN,
    Outcome.REFUSED_BY_CITIZEN: Party.CITIZEN,
    Outcome.IDENTITY_NOT_PROVED: Party.PROVIDER,
    Outcome.LEVEL_NOT_REACHED: Party.PROVIDER,
    Outcome.NO_ELIGIBLE_PROVIDER: Party.HUB,
    Outcome.PROVIDER_UNAVAILABLE: Party.PROVIDER,
    Outcome.PROVIDER_BUSY: Party.PROVIDER,
    Outcome.PROVIDER_ERROR: Party.PROVIDER,
    Outcome.PROVIDER_SUSPENDED: Party.PROVIDER,
    Outcome.PROVIDER_BLOCKED_BY_CITIZEN: Party.CITIZEN,
    Outcome.DIFFERENT_PERSON: Party.CITIZEN,
    Outcome.SERVICE_REQUEST_INVALID: Party.SERVICE,
    Outcome.EXPIRED: Party.CITIZEN,
    Outcome.HUB_ERROR: Party.HUB,
}

_OAUTH_ERROR = {
    Outcome.COMPLETED: None,
    Outcome.CANCELLED_BY_CITIZEN: "access_denied",
    Outcome.REFUSED_BY_CITIZEN: "access_denied",
    Outcome.IDENTITY_NOT_PROVED: "access_denied",
    Outcome.LEVEL_NOT_REACHED: "unmet_authentication_requirements",
    Outcome.NO_ELIGIBLE_PROVIDER: "unmet_authentication_requirements",
    Outcome.PROVIDER_UNAVAILABLE: "temporarily_unavailable",
    Outcome.PROVIDER_BUSY: "temporarily_unavailable",
    Outcome.PROVIDER_ERROR: "access_denied",
    Outcome.PROVIDER_SUSPENDED: "access_denied",
    Outcome.PROVIDER_BLOCKED_BY_CITIZEN: "access_denied",
    Outcome.DIFFERENT_PERSON: "access_denied",
    Outcome.SERVICE_REQUEST_INVALID: "invalid_request",
    Outcome.EXPIRED: "access_denied",
    Outcome.HUB_ERROR: "server_error",
}
