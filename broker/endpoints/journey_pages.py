"""The pages of a journey: what each shows is worked out here from the registry, the journey and the consent."""

from __future__ import annotations

from flask import Response

from broker.attribute_labels import label_attribute
from broker.endpoints.answers import Front, chrome, error_address, language_of_request, notice_page, page
from broker.hub import Membership
from broker.journeys.deciding import asked_notice
from broker.journeys.journey import Cancelled, Completed, Expired, Failed, Identified, SignIn
from broker.journeys.judgement import requirement_of
from broker.journeys.settling import position
from broker.journeys.sign_in import offered_providers
from broker.journeys.store import Held
from broker.notice import level_words
from broker.outcomes import Outcome
from broker.pages.display import shared_items
from broker.pages.security import form_target
from broker.pages.standing import Standing
from broker.pages.views import AgreementView, ChooseProviderView, FailureView, NoticeView, ProviderChoice
from config.federation import IdentityProvider, RelyingService, SelfDeclaredCertification

FORM = "form"
"""The purpose of a journey's form token."""


def picker_page(
    front: Front, membership: Membership, held: Held, sign_in: SignIn, *, status: int = 200
) -> Response:
    """Every provider that may serve this journey now."""
    language = language_of_request(sign_in.request.ui_locales)
    service = membership.federation.services[sign_in.request.client_id]
    offered = offered_providers(membership, sign_in, front.hub.clock())
    tried = {it.provider for it in sign_in.tried}
    base = f"/sign-in/{sign_in.reference}"
    view = ChooseProviderView(
        service=service.name.text(language),
        organisation=service.organisation,
        action=f"{base}/provider",
        form_token=held.handle.token(FORM),
        providers=tuple(_choice(provider, language, provider.id in tried) for provider in offered),
        level=level_words(requirement_of(service, sign_in.request).minimum, language),
        cancel_action=f"{base}/cancel",
        other_ways=_localised(service, language),
        last_failure=sign_in.tried[-1].outcome if sign_in.tried else None,
    )
    targets = _targets(front, sign_in)
    html = front.pages.choose_provider(
        view, chrome(front, language, reference=sign_in.reference, targets=targets)
    )
    return page(front, html, status=status, targets=targets)


def agreement_page(
    front: Front, membership: Membership, held: Held, identified: Identified, *, status: int = 200
) -> Response:
    """What would be shared, for exactly what the citizen has not settled before."""
    sign_in = identified.sign_in
    language = language_of_request(sign_in.request.ui_locales)
    with front.hub.database.reading() as connection:
        found = position(
            connection, membership, identified, language=language, now=front.hub.clock(), lock=False
        )
    notice = asked_notice(found, language)
    values = {claim: value for item in found.offer.proposal.items for claim, value in item.values.items()}
    provider = membership.federation.providers.get(identified.person.identity.provider)
    base = f"/sign-in/{sign_in.reference}"
    view = AgreementView(
        service=notice.service,
        organisation=notice.organisation,
        provider=identified.person.identity.provider if provider is None else provider.name.text(language),
        provider_disclosed=notice.provider_disclosed,
        already_signed_in=identified.answered_state is None,
        action=f"{base}/agree",
        form_token=held.handle.token(FORM),
        notice_digest=notice.digest,
        lead=notice.lead,
        basis=notice.basis,
        level=notice.level,
        items=shared_items(notice, values),
        already_agreed=tuple(
            label_attribute(name, language) for name in found.covered.shared if name not in found.asked
        ),
        agree_label=notice.agree_label,
        refuse_label=notice.refuse_label,
        privacy_notice=notice.privacy_notice,
        switch_action=f"{base}/another",
    )
    targets = _targets(front, sign_in)
    html = front.pages.agreement(view, chrome(front, language, reference=sign_in.reference, targets=targets))
    return page(front, html, status=status, targets=targets)


def problem_page(front: Front, membership: Membership, held: Held, journey: Failed | Expired) -> Response:
    """What happened, whose part it was, and every way on that there is."""
    sign_in = journey.sign_in
    language = language_of_request(sign_in.request.ui_locales)
    service = membership.federation.services[sign_in.request.client_id]
    outcome = journey.outcome if isinstance(journey, Failed) else Outcome.EXPIRED
    failed_at = journey.provider if isinstance(journey, Failed) else None
    others = (
        [it for it in offered_providers(membership, sign_in, front.hub.clock()) if it.id != failed_at]
        if isinstance(journey, Failed)
        else []
    )
    provider = None if failed_at is None else membership.federation.providers.get(failed_at)
    view = FailureView(
        outcome=outcome,
        party=outcome.party,
        service=service.name.text(language),
        provider=None if provider is None else provider.name.text(language),
        try_another_action=f"/sign-in/{sign_in.reference}/another" if others else None,
        form_token=held.handle.token(FORM),
        return_url=error_address(front.hub, sign_in, outcome),
        other_ways=_localised(service, language),
    )
    html = front.pages.failure(view, chrome(front, language, reference=sign_in.reference))
    return page(front, html)


def finished_page(front: Front, membership: Membership, journey: Completed | Cancelled) -> Response:
    """The sign-in is over: a way back to the service, without an answer that it has had already."""
    sign_in = journey.sign_in
    service = membership.service_of(sign_in.request).name.text(
        language_of_request(sign_in.request.ui_locales)
    )
    view = NoticeView(subject=Standing.FINISHED, service=service, continue_url=sign_in.way_back)
    return notice_page(front, view, reference=sign_in.reference)


def _choice(provider: IdentityProvider, language: str, tried: bool) -> ProviderChoice:  # noqa: FBT001
    return ProviderChoice(
        id=provider.id,
        name=provider.name.text(language),
        kind=provider.kind.value,
        documents=provider.documents,
        self_declared=isinstance(provider.certification, SelfDeclaredCertification),
        tried=tried,
        closing_on=None if provider.until is None else provider.until.isoformat(),
    )


def _targets(front: Front, sign_in: SignIn) -> tuple[str, ...]:
    """Where a form may lead after redirects.

    Chrome holds `form-action` against every hop that follows a form, and a provider or a service may send the
    browser on to hosts that nobody here knows: so any TLS host, and the service's own scheme.
    """
    schemes = ("https:",) if front.cookies.secure else ("https:", "http:")
    own = form_target(sign_in.request.redirect_uri)
    return schemes if own.startswith(schemes) else (*schemes, own)


def _localised(service: RelyingService, language: str) -> str | None:
    return None if service.other_ways is None else service.other_ways.text(language)
