"""Is this identity good enough for this request? Rules over values, with no input or output.

Invariant: an identity is accepted only at a level the request is met by, signed in recently enough, by the person
whom the request names if it names one; every refusal has an outcome and a short reason for the audit trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.assurance import (
    AssuranceVector,
    Requirement,
    Unmet,
    assess,
    fresh_enough,
    normalise,
    required_levels,
)
from broker.events import IdentityRefused
from broker.journeys.journey import Identified, ProviderChosen, SignIn
from broker.oidc.authorization_request import AuthorizationRequest
from broker.outcomes import Outcome
from broker.person import Person
from broker.routing import may_return_here
from config.confidence import Proofing
from config.federation import Federation, IdentityProvider, RelyingService
from idp_adapters.identity import VerifiedIdentity

UNKNOWN = "unknown"
NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The identity is enough: what it is worth, and what the service will be told."""

    identity: VerifiedIdentity
    vector: AssuranceVector
    acr: str

    @property
    def asserted(self) -> str:
        """The provider's raw value; it is in the registry, or it would not have been accepted."""
        return self.vector.asserted or UNKNOWN

    @property
    def certificate(self) -> str:
        """What the level rests on."""
        return self.vector.certificate or NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The identity is not enough, and why; `asserted` is kept only where the registry knows the value."""

    outcome: Outcome
    reason: str
    asserted: str | None = None
    effective: str | None = None


def requirement_of(service: RelyingService, request: AuthorizationRequest) -> Requirement:
    """What a request needs, the service's registered minimum included."""
    return required_levels(service, request.wished_acr_values, request.claims.essential_acr_values)


def judge(
    federation: Federation, chosen: ProviderChosen, identity: VerifiedIdentity, now: datetime
) -> Accepted | Refused:
    """Judge a provider's verified answer (A-AS-01, A-AS-02, A-AS-04)."""
    sign_in = chosen.sign_in
    service = federation.services[sign_in.request.client_id]
    provider = federation.providers[chosen.provider]
    vector = normalise(identity, provider, now)
    not_before = sign_in.signed_in_since(chosen.departed_at, now)
    if not fresh_enough(identity.authenticated_at, not_before, now):
        return _refused(Outcome.PROVIDER_ERROR, "stale_sign_in", provider, vector)
    met = assess(vector, requirement_of(service, sign_in.request))
    if isinstance(met, Unmet):
        proved_nothing = vector.proofing is Proofing.NONE
        outcome = Outcome.IDENTITY_NOT_PROVED if proved_nothing else Outcome.LEVEL_NOT_REACHED
        return _refused(outcome, "level", provider, vector)
    return Accepted(identity=identity, vector=vector, acr=met.acr)


def judge_session(
    federation: Federation,
    service: RelyingService,
    request: AuthorizationRequest,
    person: Person,
    now: datetime,
) -> Accepted | None:
    """Judge what a hub session holds as if it came now: certified still, high enough, fresh enough."""
    provider = federation.providers.get(person.identity.provider)
    if provider is None or provider.certificate_for(now) is None or not service.providers.admits(provider.id):
        return None
    vector = normalise(person.identity, provider, now)
    not_before = None if request.max_age is None else now - timedelta(seconds=request.max_age)
    if not fresh_enough(person.identity.authenticated_at, not_before, now, skew=timedelta(0)):
        return None
    met = assess(vector, requirement_of(service, request))
    return None if isinstance(met, Unmet) else Accepted(identity=person.identity, vector=vector, acr=met.acr)


def lapsed(federation: Federation, identified: Identified, now: datetime) -> Refused | None:
    """Why an identity accepted earlier in this journey is no longer enough, None while it is.

    How recent the sign-in is was judged when it came; provider, certification and level are the registry's to change.
    """
    request, person = identified.sign_in.request, identified.person
    service = federation.services[request.client_id]
    provider = federation.providers.get(person.identity.provider)
    if provider is None or not may_return_here(provider, now) or not service.providers.admits(provider.id):
        return Refused(outcome=Outcome.PROVIDER_SUSPENDED, reason="left")
    vector = normalise(person.identity, provider, now)
    met = assess(vector, requirement_of(service, request))
    if isinstance(met, Unmet) or met.acr != identified.acr:
        return _refused(Outcome.LEVEL_NOT_REACHED, "level", provider, vector)
    return None


def names_a_person(request: AuthorizationRequest, hinted_subject: str | None) -> bool:
    """Whether the request is good for one person only."""
    return hinted_subject is not None or request.claims.required_subjects is not None


def is_expected_person(request: AuthorizationRequest, hinted_subject: str | None, subject: str) -> bool:
    """Whether this is the person whom the request names by `claims` or `id_token_hint` (OIDC Core §5.5.1, §3.1.2.2)."""
    named = request.claims.required_subjects
    return (named is None or subject in named) and hinted_subject in {None, subject}


def refused_event(sign_in: SignIn, provider: str, refused: Refused) -> IdentityRefused:
    """The entry that says why an identity was not enough."""
    return IdentityRefused(
        journey=sign_in.reference,
        provider=provider,
        outcome=refused.outcome,
        party=refused.outcome.party,
        reason=refused.reason,
        asserted=refused.asserted,
        effective=refused.effective,
    )


def _refused(outcome: Outcome, reason: str, provider: IdentityProvider, vector: AssuranceVector) -> Refused:
    known = vector.asserted is not None and vector.asserted in provider.levels
    return Refused(
        outcome=outcome,
        reason=reason,
        asserted=vector.asserted if known else UNKNOWN,
        effective=str(vector.level),
    )
