"""The steps before an identity: begin, choose a provider, choose again, cancel, expire.

Invariant: a step commits fact, audit entry and journey as a whole or not at all, and names the version of the
journey that it saw, so a second tab, a double click or a retry finds the step done and never does it twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from audit.entry import Event
from broker import events
from broker.hub import Hub, Membership
from broker.journeys.departure_state import new_departure_state
from broker.journeys.journey import (
    Cancelled,
    Expired,
    Failed,
    Identified,
    Journey,
    ProviderChosen,
    SignIn,
    Started,
)
from broker.journeys.judgement import requirement_of
from broker.journeys.reference import new_reference
from broker.journeys.store import Held, create, save
from broker.oidc.authorization_request import AuthorizationRequest
from broker.outcomes import Outcome
from broker.routing import eligible_providers, levels_to_ask
from broker.state.handles import Handle
from config.federation import IdentityProvider, RelyingService
from idp_adapters.contract import IdentityProviderAdapter, SignInRequest
from idp_adapters.errors import IdentityProviderError, ProviderBusyError, ProviderUnavailableError

SAME_CLICK = timedelta(seconds=10)
"""A second choice of the same provider within this time is a double click: it repeats the same departure."""


class ProviderNotOfferedError(Exception):
    """The chosen provider is not one that may serve this journey now."""


class WrongStepError(Exception):
    """The journey does not stand where this step begins; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A valid request, and the revision and time at which the hub looks at it."""

    membership: Membership
    service: RelyingService
    request: AuthorizationRequest
    language: str
    now: datetime
    hinted_subject: str | None = None


def new_sign_in(asking: Asking) -> SignIn:
    """A sign-in that begins now."""
    return SignIn(
        reference=new_reference(),
        request=asking.request,
        language=asking.language,
        started_at=asking.now,
        hinted_subject=asking.hinted_subject,
    )


def started_event(sign_in: SignIn, service: RelyingService) -> events.JourneyStarted:
    """The entry with which every journey begins."""
    return events.JourneyStarted(
        journey=sign_in.reference,
        service=service.id,
        request=sign_in.request.digest(),
        minimum=str(service.assurance.minimum),
    )


def begin(hub: Hub, asking: Asking) -> Held:
    """Begin a journey at the picker; with a provider hint, at the provider; without any provider, failed."""
    sign_in = new_sign_in(asking)
    entries: list[Event] = [started_event(sign_in, asking.service)]
    journey: Journey = Started(sign_in=sign_in)
    handle = Handle.new()
    offered = offered_providers(asking.membership, sign_in, asking.now)
    if not offered:
        journey = Started(sign_in=sign_in).fail(Outcome.NO_ELIGIBLE_PROVIDER)
        entries.append(ended_event(sign_in, Outcome.NO_ELIGIBLE_PROVIDER))
    elif hinted := _offered(offered, asking.request.provider_hint):
        journey, entry = _depart(asking.membership, Started(sign_in=sign_in), hinted, handle, asking.now)
        entries.append(entry)
    with hub.work() as work:
        work.journal(*entries, at=asking.now)
        return create(work, hub, handle, journey)


def offered_providers(membership: Membership, sign_in: SignIn, now: datetime) -> tuple[IdentityProvider, ...]:
    """The providers that may serve this sign-in now, all of them; what was tried only orders them."""
    service = membership.federation.services[sign_in.request.client_id]
    return eligible_providers(
        membership.federation,
        service,
        requirement_of(service, sign_in.request),
        now=now,
        tried=frozenset(t.provider for t in sign_in.tried),
    )


def choose(
    hub: Hub, membership: Membership, held: Held, provider_id: str, *, language: str, now: datetime
) -> Held:
    """Leave for a provider, in the language of the page just answered.

    Raises `ProviderNotOfferedError`, `WrongStepError`, `StaleVersionError`.
    """
    journey = held.journey
    if isinstance(journey, ProviderChosen):
        if journey.provider == provider_id and now - journey.departed_at < SAME_CLICK:
            return held
        journey = journey.reopen()
    elif isinstance(journey, Failed):
        journey = journey.reopen()
    if not isinstance(journey, Started):
        raise WrongStepError
    provider = _offered(offered_providers(membership, journey.sign_in, now), provider_id)
    if provider is None:
        raise ProviderNotOfferedError
    journey = Started(sign_in=replace(journey.sign_in, language=language))
    chosen, entry = _depart(membership, journey, provider, held.handle, now)
    with hub.work() as work:
        after = save(work, hub, held, chosen)
        work.journal(entry, at=now)
    return after


def reopen(hub: Hub, held: Held, now: datetime) -> Held:
    """Go back to the picker; raises `WrongStepError`, `StaleVersionError`."""
    journey = held.journey
    if isinstance(journey, Started):
        return held
    if not isinstance(journey, ProviderChosen | Failed | Identified):
        raise WrongStepError
    after = journey.outcome if isinstance(journey, Failed) else Outcome.CANCELLED_BY_CITIZEN
    entry = events.JourneyReopened(journey=journey.sign_in.reference, after=after)
    with hub.work() as work:
        reopened = save(work, hub, held, journey.reopen())
        work.journal(entry, at=now)
    return reopened


def cancel(hub: Hub, held: Held, now: datetime) -> Held:
    """The citizen goes back to the service; a journey that has ended already stays as it ended."""
    journey = held.journey
    if isinstance(journey, Cancelled):
        return held
    if not isinstance(journey, Started | ProviderChosen | Failed):
        raise WrongStepError
    cancelled = journey.cancel()
    return end(hub, held, cancelled, cancelled.outcome, now)


def expire(hub: Hub, held: Held, expired: Expired, now: datetime) -> Held:
    """Write down that a journey's time ran out; who the citizen is no longer stands in it."""
    return end(hub, held, expired, Outcome.EXPIRED, now)


def end(hub: Hub, held: Held, ended: Cancelled | Expired, outcome: Outcome, now: datetime) -> Held:
    """End a journey without an identity for the service."""
    with hub.work() as work:
        after = save(work, hub, held, ended)
        work.journal(ended_event(ended.sign_in, outcome), at=now)
    return after


def _depart(
    membership: Membership, started: Started, provider: IdentityProvider, handle: Handle, now: datetime
) -> tuple[ProviderChosen | Failed, Event]:
    sign_in = started.sign_in
    state = new_departure_state(handle)
    service = membership.federation.services[sign_in.request.client_id]
    asked = SignInRequest(
        state=state,
        levels=levels_to_ask(provider, requirement_of(service, sign_in.request), now),
        fresh=sign_in.must_be_fresh,
        language=sign_in.language,
    )
    try:
        departure = _adapter(membership, provider).begin(asked)
    except IdentityProviderError as error:
        outcome = (
            Outcome.PROVIDER_BUSY if isinstance(error, ProviderBusyError) else Outcome.PROVIDER_UNAVAILABLE
        )
        return started.fail_at(provider.id, outcome), events.IdentityRefused(
            journey=sign_in.reference,
            provider=provider.id,
            outcome=outcome,
            party=outcome.party,
            reason=error.reason,
            asserted=None,
            effective=None,
        )
    chosen = started.choose(
        provider.id, state=state, redirect_url=departure.redirect_url, pending=departure.pending, now=now
    )
    return chosen, events.ProviderChosen(
        journey=sign_in.reference,
        provider=provider.id,
        attempt=chosen.sign_in.departures,
        sign_in_again=asked.fresh,
    )


def _adapter(membership: Membership, provider: IdentityProvider) -> IdentityProviderAdapter:
    adapter = membership.adapters.get(provider.id)
    if adapter is None:
        raise ProviderUnavailableError("this hub has no adapter for it")
    return adapter


def _offered(offered: tuple[IdentityProvider, ...], provider_id: str | None) -> IdentityProvider | None:
    return next((provider for provider in offered if provider.id == provider_id), None)


def ended_event(sign_in: SignIn, outcome: Outcome) -> events.JourneyEnded:
    """The entry with which a journey ends that gives the service nothing but an error."""
    return events.JourneyEnded(
        journey=sign_in.reference,
        service=sign_in.request.client_id,
        outcome=outcome,
        party=outcome.party,
    )
