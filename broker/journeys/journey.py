"""The states of a sign-in and the moves between them.

    Started → ProviderChosen → Identified → Agreed → Completed
       ▲            │              │
       └── Failed ◄─┴──────────────┘        Cancelled, Expired and MovedOn end a journey or a handle

Invariant: each state is its own frozen type, and only the moves a state has can be made from it, so a step
skipped or repeated is a missing method, not a hidden flag (attack A-JS-05). States do no input or output.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from broker.oidc.authorization_request import AuthorizationRequest
from broker.outcomes import Outcome
from broker.person import Person

JOURNEY_LIFE = timedelta(hours=3)
"""One in five people spend over an hour at a provider (design, section 4)."""

AFTERWARDS = timedelta(hours=3)
"""How long an ended or expired journey still explains itself; it holds no attribute then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A provider that was tried, and how it ended."""

    provider: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What every state of one sign-in keeps: the checked request and how it has gone so far.

    `hinted_subject` is the pairwise subject that a verified `id_token_hint` named, None when there was none.
    """

    reference: str
    request: AuthorizationRequest
    language: str
    started_at: datetime
    hinted_subject: str | None = None
    departures: int = 0
    tried: tuple[Tried, ...] = ()

    @property
    def ends_at(self) -> datetime:
        """When nothing more can be done in it."""
        return self.started_at + JOURNEY_LIFE

    @property
    def way_back(self) -> str:
        """The front page of the service, for when there is no answer to carry."""
        parts = urlsplit(self.request.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}/"

    @property
    def must_be_fresh(self) -> bool:
        """Whether the provider is asked to sign the citizen in again (OIDC Core §3.1.2.1)."""
        return self.request.wants_new_sign_in or self.request.max_age is not None

    def signed_in_since(self, departed_at: datetime, now: datetime) -> datetime | None:
        """The instant before which a sign-in is too old for this request, None when any will do."""
        if self.request.wants_new_sign_in:
            return departed_at
        if self.request.max_age is not None:
            # A sign-in made for this request is new, however long the citizen then stays at the provider.
            return min(departed_at, now - timedelta(seconds=self.request.max_age))
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A valid request; the citizen is choosing a provider."""

    sign_in: SignIn

    def choose(  # one value per fact of a departure
        self, provider: str, *, state: str, redirect_url: str, pending: Mapping[str, str], now: datetime
    ) -> ProviderChosen:
        """Leave for a provider."""
        return ProviderChosen(
            sign_in=replace(self.sign_in, departures=self.sign_in.departures + 1),
            provider=provider,
            state=state,
            redirect_url=redirect_url,
            pending=pending,
            departed_at=now,
        )

    def resume(self, person: Person, acr: str) -> Identified:
        """Go on with the person whom the hub session holds."""
        return Identified(sign_in=self.sign_in, person=person, acr=acr, answered_state=None)

    def fail(self, outcome: Outcome) -> Failed:
        """No provider could be offered."""
        return Failed(sign_in=self.sign_in, outcome=outcome, provider=None)

    def fail_at(self, provider: str, outcome: Outcome) -> Failed:
        """A provider could not even be left for."""
        tried = (*self.sign_in.tried, Tried(provider=provider, outcome=outcome))
        return Failed(sign_in=replace(self.sign_in, tried=tried), outcome=outcome, provider=provider)

    def cancel(self) -> Cancelled:
        """The citizen went back to the service."""
        return Cancelled(sign_in=self.sign_in, outcome=Outcome.CANCELLED_BY_CITIZEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderChosen:
    """The citizen is at a provider; `state` and `pending` bind the answer to this departure."""

    sign_in: SignIn
    provider: str
    state: str
    redirect_url: str
    pending: Mapping[str, str]
    departed_at: datetime

    def receive(self, person: Person, acr: str) -> Identified:
        """The provider's answer was verified and is enough."""
        return Identified(sign_in=self.sign_in, person=person, acr=acr, answered_state=self.state)

    def fail(self, outcome: Outcome) -> Failed:
        """The provider's answer was not enough."""
        tried = (*self.sign_in.tried, Tried(provider=self.provider, outcome=outcome))
        return Failed(sign_in=replace(self.sign_in, tried=tried), outcome=outcome, provider=self.provider)

    def reopen(self) -> Started:
        """The citizen came back by themselves to choose again; the departure no longer counts."""
        return Started(sign_in=self.sign_in)

    def cancel(self) -> Cancelled:
        """The citizen went back to the service."""
        return Cancelled(sign_in=self.sign_in, outcome=Outcome.CANCELLED_BY_CITIZEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """The hub knows the person; they are deciding what to share.

    `acr` is the level that will be asserted; `answered_state` is the departure whose answer this is, None when the
    hub session was enough.
    """

    sign_in: SignIn
    person: Person
    acr: str
    answered_state: str | None

    def agree(self, *, consent_id: bytes, consent_sequence: int, shared: tuple[str, ...]) -> Agreed:
        """The citizen agreed, now or earlier."""
        return Agreed(
            sign_in=self.sign_in,
            person=self.person,
            acr=self.acr,
            consent_id=consent_id,
            consent_sequence=consent_sequence,
            shared=shared,
        )

    def refuse(self) -> Cancelled:
        """The citizen does not want to share."""
        return Cancelled(sign_in=self.sign_in, outcome=Outcome.REFUSED_BY_CITIZEN)

    def fail(self, outcome: Outcome) -> Failed:
        """What is known is no longer enough, for example because the certificate ended."""
        return Failed(sign_in=self.sign_in, outcome=outcome, provider=self.person.identity.provider)

    def reopen(self) -> Started:
        """The citizen wants another provider, or is another person."""
        return Started(sign_in=self.sign_in)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What may leave is settled; the same step completes it."""

    sign_in: SignIn
    person: Person
    acr: str
    consent_id: bytes
    consent_sequence: int
    shared: tuple[str, ...]

    def complete(self, *, code_expires_at: datetime) -> Completed:
        """The code exists; who the person is no longer stands in the journey."""
        return Completed(sign_in=self.sign_in, code_expires_at=code_expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The service has been answered; the same answer can be repeated while its code is unspent."""

    sign_in: SignIn
    code_expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The way to an identity ended here; another provider may still be tried."""

    sign_in: SignIn
    outcome: Outcome
    provider: str | None

    def reopen(self) -> Started:
        """Try another provider, remembering who was tried."""
        return Started(sign_in=self.sign_in)

    def cancel(self) -> Cancelled:
        """The citizen went back to the service."""
        return Cancelled(sign_in=self.sign_in, outcome=self.outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """The citizen ended it: cancelled, refused, or left after a failure."""

    sign_in: SignIn
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """Its time ran out before it was completed."""

    sign_in: SignIn


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedOn:
    """What an old handle opens after the journey's handle was replaced; `way_back` is the service's own address."""

    reference: str
    way_back: str


Journey = Started | ProviderChosen | Identified | Agreed | Completed | Failed | Cancelled | Expired
Open = Started | ProviderChosen | Identified | Failed


def at(journey: Journey, now: datetime) -> Journey:
    """The journey as it stands now: an open one whose time ran out has expired."""
    if isinstance(journey, Open) and now >= journey.sign_in.ends_at:
        return Expired(sign_in=journey.sign_in)
    return journey
