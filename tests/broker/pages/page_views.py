"""Pages with everything on them, valid by default; a test changes one thing."""

# ruff: noqa: RUF001 -- Welsh is written with the apostrophe that people read, not with the one for code.

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from broker.attribute_labels import label_attribute
from broker.notice import Notice, build_notice, level_words
from broker.outcomes import Outcome
from broker.pages.built_assets import Asset, BuiltAssets
from broker.pages.display import shared_items
from broker.pages.notice_words import HTTP_ERRORS
from broker.pages.page_language import STATIC_PAGES
from broker.pages.page_settings import PageSettings
from broker.pages.rendering import Pages
from broker.pages.standing import Standing
from broker.pages.views import (
    AgreementView,
    ChooseProviderView,
    Chrome,
    FailureView,
    NoticeView,
    ProviderChoice,
)
from config.confidence import Level
from config.environment import Environment
from config.federation import (
    Assurance,
    ClientAuthenticationMethod,
    LawfulBasis,
    LocalisedAddress,
    LocalisedText,
    PrivateKeyJwt,
    RelyingService,
    RequestedAttribute,
)

MEDIUM = Level.parse("medium.medium")
REFERENCE = "7KQ2-M9XD-4FTZ"

CLAIMS: Mapping[str, object] = {
    "name": "Ann Elizabeth Sample",
    "given_name": "Ann",
    "middle_name": "Elizabeth",
    "family_name": "Sample",
    "birthdate": "1990-03-01",
    "age_over_18": True,
    "postcode_area": "LL",
    "email": "ann.sample@example.org",
    "email_verified": True,
    "address": {
        "formatted": "1 Mill Lane\nBangor\nLL57 1AA\nWales",
        "street_address": "1 Mill Lane",
        "locality": "Bangor",
        "postal_code": "LL57 1AA",
        "country": "GB",
    },
}

FAKE_ASSETS = BuiltAssets(
    style_sheet="countersign.0.css",
    icon="favicon.0.svg",
    files={
        "countersign.0.css": Asset(media_type="text/css; charset=utf-8", content=b"a{}", gzipped=b"zipped"),
        "favicon.0.svg": Asset(media_type="image/svg+xml", content=b"<svg/>", gzipped=b"zipped"),
    },
)
"""Stands in for the built files, so that a page can be tested where nothing has been built."""


def page_settings(
    environment: Environment = Environment.LOCAL, issuer: str = "http://localhost:8400"
) -> PageSettings:
    return PageSettings(
        issuer=issuer,
        environment=environment,
        operator_name="The Countersign Pilot",
        contact_email="help@countersign.example",
        contact_phone="01632 960 001",
        contact_address="1 Example Street\nCardiff\nCF10 1AA",
        privacy_email="privacy@countersign.example",
    )


def service(**changes: object) -> RelyingService:
    registered = RelyingService(
        id="fishing-licence",
        name=LocalisedText(en="Renew a fishing licence", cy="Adnewyddu trwydded bysgota"),
        organisation="Rivers Agency",
        sector="rivers.example",
        lawful_basis=LawfulBasis.PUBLIC_TASK,
        privacy_notice=LocalisedAddress(en="https://rivers.example/privacy"),
        redirect_uris=("http://localhost:8410/callback",),
        client_authentication=PrivateKeyJwt(
            method=ClientAuthenticationMethod.PRIVATE_KEY_JWT, jwks_uri="http://localhost:8410/jwks"
        ),
        assurance=Assurance(minimum=MEDIUM),
        attributes=ATTRIBUTES,
    )
    return registered.model_copy(update=changes)


ATTRIBUTES = (
    RequestedAttribute(
        name="name",
        purpose=LocalisedText(en="To print on the licence", cy="I’w argraffu ar y drwydded"),
        required=True,
    ),
    RequestedAttribute(
        name="age_over_18",
        purpose=LocalisedText(en="Only adults need a licence", cy="Dim ond oedolion sydd angen trwydded"),
        required=True,
    ),
    RequestedAttribute(
        name="address",
        purpose=LocalisedText(en="To post the licence to you", cy="I bostio’r drwydded atoch"),
        required=False,
    ),
    RequestedAttribute(
        name="postcode_area",
        purpose=LocalisedText(en="To plan where wardens go", cy="I gynllunio ble mae’r wardeiniaid yn mynd"),
        required=False,
    ),
)


def notice(language: str = "en", /, **changes: object) -> Notice:
    asking = service(**changes)
    return build_notice(asking, asking.attributes, level=MEDIUM, language=language)


def chrome(language: str = "en", *, reference: str | None = REFERENCE, switch: bool = True) -> Chrome:
    return Chrome(
        language=language,
        switch_language_url="?lang=cy" if switch else None,
        local=False,
        reference=reference,
    )


def choose_provider_view(language: str = "en") -> ChooseProviderView:
    return ChooseProviderView(
        service=service().name.text(language),
        organisation="Rivers Agency",
        action="/sign-in/choose",
        form_token="form-token",
        providers=(
            ProviderChoice(
                id="northgate",
                name="Northgate Identity",
                kind="private",
                documents=("passport", "driving_licence"),
                self_declared=True,
                tried=True,
                closing_on=None,
            ),
            ProviderChoice(
                id="civic-post",
                name="Civic Post",
                kind="public",
                documents=("passport",),
                self_declared=False,
                tried=False,
                closing_on="2027-01-31",
            ),
        ),
        level=level_words(MEDIUM, language),
        cancel_action="/sign-in/cancel",
        other_ways="https://rivers.example/other-ways",
        last_failure=Outcome.PROVIDER_UNAVAILABLE,
    )


def agreement_view(language: str = "en", /, **changes: object) -> AgreementView:
    words = notice(language, **changes)
    return AgreementView(
        service=words.service,
        organisation=words.organisation,
        provider="Northgate Identity",
        provider_disclosed=words.provider_disclosed,
        already_signed_in=False,
        action="/sign-in/agree",
        form_token="form-token",
        notice_digest=words.digest,
        lead=words.lead,
        basis=words.basis,
        level=words.level,
        items=shared_items(words, CLAIMS),
        already_agreed=(label_attribute("email", language), label_attribute("birthdate", language)),
        agree_label=words.agree_label,
        refuse_label=words.refuse_label,
        privacy_notice=words.privacy_notice,
        switch_action="/sign-in/switch",
    )


def failure_view(outcome: Outcome, language: str = "en") -> FailureView:
    return FailureView(
        outcome=outcome,
        party=outcome.party,
        service=service().name.text(language),
        provider="Northgate Identity",
        try_another_action="/sign-in/another",
        form_token="form-token",
        return_url="http://localhost:8410/callback?error=access_denied",
        other_ways="https://rivers.example/other-ways",
        detail="redirect_uri is not registered" if outcome is Outcome.SERVICE_REQUEST_INVALID else None,
    )


def notice_view(standing: Standing, language: str = "en") -> NoticeView:
    return NoticeView(
        subject=standing,
        service=service().name.text(language),
        continue_url="/sign-in",
        refresh_seconds=3 if standing is Standing.WAITING else None,
    )


def every_page(pages: Pages, language: str) -> Mapping[str, Callable[[], str]]:
    """Return one of each page that the hub can show in a language, made when called."""
    surroundings = chrome(language)
    signed_in = replace(
        agreement_view(language, lawful_basis=LawfulBasis.CONSENT, disclose_provider=True),
        already_signed_in=True,
    )
    no_journey = replace(
        failure_view(Outcome.SERVICE_REQUEST_INVALID, language),
        service=None,
        provider=None,
        try_another_action=None,
        form_token=None,
        return_url=None,
        other_ways=None,
    )
    no_provider = replace(choose_provider_view(language), providers=(), last_failure=None)
    made: dict[str, Callable[[], str]] = {
        "choose_provider": partial(pages.choose_provider, choose_provider_view(language), surroundings),
        "choose_provider-none": partial(pages.choose_provider, no_provider, surroundings),
        "agreement": partial(pages.agreement, agreement_view(language), surroundings),
        "agreement-consent": partial(pages.agreement, signed_in, surroundings),
        "failure-no_journey": partial(pages.failure, no_journey, chrome(language, reference=None)),
    }
    for name in STATIC_PAGES:
        made[name] = partial(pages.static_page, name, chrome(language, reference=None))
    for outcome in Outcome:
        made[f"failure-{outcome}"] = partial(pages.failure, failure_view(outcome, language), surroundings)
        made[f"outcome-{outcome}"] = partial(pages.outcome, outcome, REFERENCE, surroundings)
    for standing in Standing:
        made[f"notice-{standing}"] = partial(pages.notice, notice_view(standing, language), surroundings)
    for status in HTTP_ERRORS:
        made[f"error-{status}"] = partial(pages.http_error, status, chrome(language, reference=None))
    return made
