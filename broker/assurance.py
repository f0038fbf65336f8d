"""How sure the hub is of a person: from a provider's own words to a level, each step of which only lowers.

Invariant: the effective level is never above what the provider's registration says of exactly this raw value,
nor above its certification, and it is none wherever something is unknown (design, promise 1; `standards.md`
2.8, 2.10). How somebody signed in never adds to how surely they are known: methods, e-mail checks and the
like are not read at all. Levels are compared per axis, and a service's registered minimum holds whatever a
request says.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from config.confidence import NO_LEVEL, Level, Proofing, Protection
from config.federation import IdentityProvider, RelyingService, ReportCertification
from idp_adapters.identity import VerifiedIdentity

CLOCK_SKEW: Final = timedelta(seconds=10)
"""By how much a provider's clock may differ from ours."""
RETURN_WINDOW: Final = timedelta(hours=3)
"""A back-dated sign-in outlives the provider's certification by one journey at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssuranceVector:
    """What one sign-in is worth, and where that comes from; kept whole, so that no axis is lost.

    `profile` (GPG 45) is None unless scores were asserted, `federation` None unless the adapter states it.
    `asserted_level` is what the registration says of the raw value, before any lowering. `vetoes` are the
    reasons for which nothing may be asserted. `certificate` names what the cap rests on, None when nothing
    was in force.
    """

    proofing: Proofing
    protection: Protection
    profile: tuple[str, ...] | None = None
    federation: int | None = None
    scheme: str | None
    scheme_version: str | None
    certificate: str | None
    authenticated_at: datetime | None
    vetoes: tuple[str, ...] = ()
    asserted: str | None
    found_in: str
    asserted_level: Level

    @property
    def level(self) -> Level:
        """The effective level."""
        return Level(self.proofing, self.protection)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What one request needs.

    `minimum` is the registered one and always holds, but for the lower levels in `acceptable`. `essential`
    holds the levels of which one must be reached, None when the request does not insist; empty when it
    insists on levels that do not exist. `preferred` are wishes, best first.
    """

    minimum: Level
    acceptable: tuple[Level, ...] = ()
    essential: tuple[Level, ...] | None = None
    preferred: tuple[Level, ...] = ()

    def admits(self, level: Level) -> bool:
        """Whether the registration lets the service be served at this level."""
        return any(level.meets(floor) for floor in (self.minimum, *self.acceptable))

    def answer(self, effective: Level) -> Level | None:
        """Return the level to state to the service, None when this one is not enough.

        The first level asked for that is met on both axes and that the registration admits; the effective one
        when none was, unless the request insists.
        """
        if not self.admits(effective):
            return None
        asked = self.preferred if self.essential is None else self.essential
        for level in asked:
            if effective.meets(level) and self.admits(level):
                return level
        return effective if self.essential is None else None

    @property
    def targets(self) -> tuple[Level, ...]:
        """The levels to aim for, best first, each admitted by the registration."""
        asked = self.preferred if self.essential is None else self.essential
        floors = (self.minimum, *self.acceptable) if self.essential is None else ()
        return tuple(dict.fromkeys(level for level in (*asked, *floors) if self.admits(level)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """The requirement is met; `acr` is what the service is told, `level` the same as a level."""

    acr: str
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """The requirement is not met; both sides are for the audit trail, not for the service."""

    asserted: str | None
    effective: Level


def normalise(
    identity: VerifiedIdentity, provider: IdentityProvider, now: datetime, *, vetoes: Collection[str] = ()
) -> AssuranceVector:
    """Turn a provider's own words into a vector; what is not registered and certified is worth nothing.

    1. The raw value is looked up in this provider's own list, character for character (A-AS-05).
    2. It is capped by the certification in force when the person signed in (A-AS-01).
    3. A sign-in in the future cannot have happened (A-AS-04).
    4. A veto leaves nothing (A-AS-08).
    """
    raw = identity.assurance.value
    registered = provider.levels.get(raw) if raw is not None and identity.provider == provider.id else None
    asserted_level = NO_LEVEL if registered is None else registered.level
    cap, certificate = _certified(provider, raw, identity.authenticated_at, now)
    level = asserted_level.capped_by(cap)
    if _is_in_the_future(identity.authenticated_at, now) or vetoes:
        level = NO_LEVEL
    scheme, _, version = (registered.scheme if registered is not None else "").partition("/")
    return AssuranceVector(
        proofing=level.proofing,
        protection=level.protection,
        scheme=scheme or None,
        scheme_version=version or None,
        certificate=certificate,
        authenticated_at=identity.authenticated_at,
        vetoes=tuple(vetoes),
        asserted=raw,
        found_in=identity.assurance.found_in,
        asserted_level=asserted_level,
    )


def required_levels(
    service: RelyingService, acr_values: Collection[str], essential_acr_values: Collection[str] | None
) -> Requirement:
    """Work out what a request needs; unknown values are ignored as wishes, unmet as demands.

    `essential_acr_values` comes from the `claims` parameter, None when it does not insist (OIDC Core
    §5.5.1.1).
    """
    return Requirement(
        minimum=service.assurance.minimum,
        acceptable=service.assurance.acceptable,
        essential=None if essential_acr_values is None else _levels(essential_acr_values),
        preferred=_levels(acr_values),
    )


def assess(vector: AssuranceVector, requirement: Requirement) -> Met | Unmet:
    """Compare per axis, and say honestly what was reached."""
    answer = requirement.answer(vector.level)
    if answer is None:
        return Unmet(asserted=vector.asserted, effective=vector.level)
    return Met(acr=answer.acr, level=answer)


def fresh_enough(
    authenticated_at: datetime | None,
    not_before: datetime | None,
    now: datetime,
    *,
    skew: timedelta = CLOCK_SKEW,
) -> bool:
    """Whether a sign-in is no older than asked; without its time it is not, when a time is asked (A-AS-04).

    `not_before` is None when any will do. A provider's answer is judged with the default skew; a session that
    the hub already holds with none, so that `max_age=1` means what it says.
    """
    if not_before is None:
        return True
    if authenticated_at is None or _is_in_the_future(authenticated_at, now):
        return False
    return authenticated_at >= not_before - skew


def _certified(
    provider: IdentityProvider, raw: str | None, authenticated_at: datetime | None, now: datetime
) -> tuple[Level, str | None]:
    instant = now if authenticated_at is None else max(authenticated_at, now - RETURN_WINDOW)
    certificate = provider.certificate_for(instant)
    if certificate is None or raw is None:
        return NO_LEVEL, None
    certification = provider.certification
    name = certification.report if isinstance(certification, ReportCertification) else "self-declared"
    return certificate.cap(raw), name


def _is_in_the_future(authenticated_at: datetime | None, now: datetime) -> bool:
    return authenticated_at is not None and authenticated_at > now + CLOCK_SKEW


def _levels(acr_values: Collection[str]) -> tuple[Level, ...]:
    levels = (Level.from_acr(value) for value in acr_values)
    return tuple(dict.fromkeys(level for level in levels if level is not None))
