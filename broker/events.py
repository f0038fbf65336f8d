"""The audit events that the broker emits: a closed vocabulary with allow-listed fields.

Invariant: no field can hold a person's data. Journeys are named by their reference, services and providers by
their registered ids; what stands for a person or a secret is a fresh salted commitment, so that no two entries
show the same value. (Annotations here are read at import: no postponed evaluation in this module.)
"""

from dataclasses import dataclass
from typing import ClassVar

from audit.entry import Commitment, Event, vocabulary
from broker.outcomes import Outcome, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyStarted(Event):
    """A service's valid request began a journey."""

    kind: ClassVar[str] = "journey.started"
    journey: str
    service: str
    request: str
    minimum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefused(Event):
    """A service's request was answered with an error before a journey could go on."""

    kind: ClassVar[str] = "journey.request_refused"
    journey: str
    service: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderChosen(Event):
    """The citizen left for a provider."""

    kind: ClassVar[str] = "journey.provider_chosen"
    journey: str
    provider: str
    attempt: int
    sign_in_again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityReceived(Event):
    """A provider's answer was verified, normalised and found enough.

    `asserted` is the provider's raw value where the registry knows it, else `unknown`; `assertion` commits to the
    digest of the signed assertion that everything later rests on.
    """

    kind: ClassVar[str] = "journey.identity_received"
    journey: str
    provider: str
    asserted: str
    effective: str
    certificate: str
    assertion: Commitment


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRefused(Event):
    """A provider's answer did not yield an identity good enough for the service."""

    kind: ClassVar[str] = "journey.identity_refused"
    journey: str
    provider: str
    outcome: Outcome
    party: Party
    reason: str
    asserted: str | None
    effective: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened(Event):
    """The account behind the provider's subject was opened, or a new one made."""

    kind: ClassVar[str] = "account.opened"
    journey: str
    account: Commitment
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionUsed(Event):
    """The browser's hub session was enough: no provider was asked."""

    kind: ClassVar[str] = "journey.session_used"
    journey: str
    provider: str
    effective: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyCompleted(Event):
    """A code was issued: what may be released, at which level, resting on which assertion."""

    kind: ClassVar[str] = "journey.completed"
    journey: str
    service: str
    level: str
    attributes: tuple[str, ...]
    subject: Commitment
    assertion: Commitment


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyEnded(Event):
    """A journey ended without an answer for the service but an error."""

    kind: ClassVar[str] = "journey.ended"
    journey: str
    service: str
    outcome: Outcome
    party: Party


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyReopened(Event):
    """The citizen went back to choosing a provider."""

    kind: ClassVar[str] = "journey.reopened"
    journey: str
    after: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensIssued(Event):
    """A code was redeemed; the ID token released these claims."""

    kind: ClassVar[str] = "token.issued"
    journey: str
    service: str
    level: str
    attributes: tuple[str, ...]
    subject: Commitment


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRefused(Event):
    """A code was not honoured; `revoked` says that what it gave earlier was taken back."""

    kind: ClassVar[str] = "token.code_refused"
    journey: str | None
    service: str
    reason: str
    revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributesReleased(Event):
    """Attributes left the hub."""

    kind: ClassVar[str] = "attributes.released"
    journey: str
    service: str
    door: str
    level: str
    attributes: tuple[str, ...]
    subject: Commitment


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRefused(Event):
    """A valid token asked for what may no longer be released."""

    kind: ClassVar[str] = "attributes.refused"
    journey: str
    service: str
    door: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryApplied(Event):
    """A new revision of the federation registry took effect."""

    kind: ClassVar[str] = "registry.applied"
    revision: int
    digest: str
    changed: tuple[str, ...]
    operator: str


VOCABULARY = vocabulary(
    JourneyStarted,
    RequestRefused,
    ProviderChosen,
    IdentityReceived,
    IdentityRefused,
    AccountOpened,
    SessionUsed,
    JourneyCompleted,
    JourneyEnded,
    JourneyReopened,
    TokensIssued,
    CodeRefused,
    AttributesReleased,
    ReleaseRefused,
    RegistryApplied,
)
