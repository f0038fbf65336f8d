"""What a citizen would agree to in one journey: the values, the words, and the terms a decision is bound to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import rfc8785

from broker.disclosure import Proposal, proposed
from broker.notice import Notice, NoticeFrame, build_notice
from broker.oidc.authorization_request import AuthorizationRequest
from broker.person import Person
from config.confidence import Level
from config.federation import RelyingService, RequestedAttribute
from consent.model import AttributeTerms, ConsentTerms, text_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Everything that could be shared with a service now, and the terms on which."""

    service: RelyingService
    proposal: Proposal
    level: Level
    terms: ConsentTerms

    def notice(self, names: Collection[str], language: str) -> Notice:
        """The words for asking about some of it."""
        attributes = [a for a in self.service.attributes if a.name in names]
        return build_notice(self.service, attributes, level=self.level, language=language)


def make_offer(
    service: RelyingService,
    frame: NoticeFrame,
    request: AuthorizationRequest,
    person: Person,
    acr: str,
    *,
    language: str,
    now: datetime,
) -> Offer:
    """Work out what there is to agree to; the service's registration and the request say what, never the form."""
    level = Level.from_acr(acr)
    if level is None:
        message = f"not one of our levels: {acr}"
        raise ValueError(message)
    proposal = proposed(service, request.wish, person.identity, person.vector.level, now)
    names = [item.attribute for item in proposal.items]
    attributes = [attribute for attribute in service.attributes if attribute.name in names]
    terms = ConsentTerms(
        service=service.id,
        notice_digest=frame.digests[language],
        notice_version=frame.version,
        language=language,
        attributes=tuple(_terms(attribute) for attribute in attributes),
        level=str(level),
        lawful_basis=service.lawful_basis.value,
        request_digest=request.digest(),
        provider=person.identity.provider,
    )
    return Offer(service=service, proposal=proposal, level=level, terms=terms)


def _terms(attribute: RequestedAttribute) -> AttributeTerms:
    words = attribute.purpose.model_dump(mode="json")
    digest = text_digest(rfc8785.dumps(words).decode())
    return AttributeTerms(name=attribute.name, purpose_digest=digest, required=attribute.required)
