"""Which providers may serve a journey: five questions, each with a name.

May a journey start here, may it return here, is the provider closing, may this person sign in here, and can
the provider reach what is needed? Invariant: every provider that passes is offered, and nothing but these
questions decides; what a service hints and what was tried only orders them. The order is stable for a
service, differs between services, and cannot be influenced by choosing a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime, time

from broker.assurance import RETURN_WINDOW, Requirement
from config.confidence import Level, Proofing, Protection
from config.federation import Federation, IdentityProvider, ProviderStatus, RelyingService


def eligible_providers(
    federation: Federation,
    service: RelyingService,
    requirement: Requirement,
    *,
    now: datetime,
    tried: Collection[str] = (),
    suspended: Collection[str] = (),
    hint: str | None = None,
) -> tuple[IdentityProvider, ...]:
    """Return every provider that may serve this journey now: the hinted one first, those tried last."""
    chosen = [
        provider
        for provider in federation.providers_for(service)
        if may_start_here(provider, now, suspended) and can_reach(provider, requirement, now)
    ]
    chosen.sort(key=lambda it: (it.id in tried, it.id != hint, _place(service.id, it.id)))
    return tuple(chosen)


def may_start_here(provider: IdentityProvider, now: datetime, suspended: Collection[str] = ()) -> bool:
    """Whether somebody may be sent there: not suspended, certified, and not closed."""
    if provider.id in suspended or provider.certificate_for(now) is None:
        return False
    closes_at = _closes_at(provider)
    return closes_at is None or now <= closes_at


def may_return_here(provider: IdentityProvider, now: datetime, suspended: Collection[str] = ()) -> bool:
    """Whether an answer is still taken: for one journey's lifetime after closing, never while suspended."""
    if provider.id in suspended:
        return False
    closes_at = _closes_at(provider)
    return closes_at is None or now - RETURN_WINDOW < closes_at


def is_closing(provider: IdentityProvider) -> bool:
    """Whether the provider is leaving the federation, so that its people should link a second one."""
    return provider.status is ProviderStatus.CLOSING


def may_sign_in(provider: IdentityProvider, *, known: bool) -> bool:
    """Whether this person may come in here: newcomers may not where the provider is closing."""
    return known or not is_closing(provider)


def can_reach(provider: IdentityProvider, requirement: Requirement, now: datetime) -> bool:
    """Whether the provider's certification covers a level that is enough."""
    return any(requirement.answer(level) is not None for level in provider.reachable_levels(now))


def levels_to_ask(provider: IdentityProvider, requirement: Requirement, now: datetime) -> tuple[str, ...]:
    """Return the provider's own raw values that would be enough, best fit first.

    For each level aimed at, the nearest value that meets it comes first: more than is needed is asked only
    after what is needed, so that nobody proves more than they must.
    """
    certificate = provider.certificate_for(now)
    if certificate is None:
        return ()
    levels = {raw: entry.level.capped_by(certificate.cap(raw)) for raw, entry in provider.levels.items()}
    enough = {raw: level for raw, level in levels.items() if requirement.answer(level) is not None}
    return tuple(
        dict.fromkeys(
            raw
            for target in requirement.targets
            for raw in sorted(enough, key=lambda it: (_excess(enough[it], target), it))
            if enough[raw].meets(target)
        )
    )


def _closes_at(provider: IdentityProvider) -> datetime | None:
    """Return the end of a closing provider's last day in UTC; one without a day is closed already."""
    if not is_closing(provider):
        return None
    if provider.until is None:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.combine(provider.until, time.max, tzinfo=UTC)


def _excess(level: Level, target: Level) -> int:
    proofing, protection = list(Proofing), list(Protection)
    return (
        proofing.index(level.proofing)
        - proofing.index(target.proofing)
        + protection.index(level.protection)
        - protection.index(target.protection)
    )


def _place(service_id: str, provider_id: str) -> bytes:
    return hashlib.sha256(f"{service_id}|{provider_id}".encode()).digest()
