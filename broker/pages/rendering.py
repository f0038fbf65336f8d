"""Every page of the hub as text: a view and its chrome in, HTML out.

Invariant: rendering reads nothing but the view, the chrome and the deployment's settings, and needs no
request; the same view gives the same page. Which headers go with it is in `broker.pages.security`.
"""

from __future__ import annotations

from collections.abc import Mapping
from gettext import NullTranslations
from http import HTTPStatus
from types import MappingProxyType

from markupsafe import Markup

from broker.outcomes import Outcome, Party
from broker.pages.built_assets import BuiltAssets
from broker.pages.catalogs import load_catalogs
from broker.pages.notice_words import HTTP_ERRORS, NOTICE_WORDS
from broker.pages.outcome_meanings import OUTCOME_MEANINGS, PARTIES
from broker.pages.outcome_words import (
    CITIZENS_OWN_CHOICE,
    NO_OTHER_PROVIDER,
    OFFERS_ANOTHER_PROVIDER,
    OUTCOME_WORDS,
    SENTENCE_PROVIDER,
    SENTENCE_SERVICE,
    THE_PROVIDER,
    THE_SERVICE,
    WHERE_IT_STOPPED,
    WHERE_IT_STOPPED_UNNAMED,
)
from broker.pages.page_language import PageLanguage
from broker.pages.page_settings import PageSettings
from broker.pages.safe_text import isolate, show_controls
from broker.pages.standing import Standing
from broker.pages.views import AgreementView, ChooseProviderView, Chrome, FailureView, NoticeView


class Pages:
    """All pages in all languages; built once at start, then shared by every thread."""

    def __init__(
        self,
        settings: PageSettings,
        *,
        assets: BuiltAssets,
        catalogs: Mapping[str, NullTranslations] | None = None,
    ) -> None:
        self.settings = settings
        self.assets = assets
        self._languages = MappingProxyType(
            {
                language: PageLanguage(language, catalog, settings, assets)
                for language, catalog in (catalogs or load_catalogs()).items()
            }
        )

    def choose_provider(self, view: ChooseProviderView, chrome: Chrome) -> str:
        """Return the picker: for which service, what it needs, and one button for each provider."""
        language = self._languages[chrome.language]
        # Which provider failed is not in the view, so the title of the outcome is said without its name.
        names = _names(language, provider=None, service=view.service)
        failed = language.say(OUTCOME_WORDS[view.last_failure].title, names) if view.last_failure else None
        return language.page("choose_provider", chrome, {"view": view, "last_failure": failed})

    def agreement(self, view: AgreementView, chrome: Chrome) -> str:
        """Return the page on which a person sees what would be shared, and agrees or refuses."""
        return self._languages[chrome.language].page("agreement", chrome, {"view": view})

    def failure(self, view: FailureView, chrome: Chrome) -> str:
        """Return the page for any failure: what happened, whose part it was, what can be done now."""
        language = self._languages[chrome.language]
        words = OUTCOME_WORDS[view.outcome]
        names = _names(language, provider=view.provider, service=view.service)
        values = {
            "view": view,
            "is_error": view.outcome not in CITIZENS_OWN_CHOICE,
            "title": language.say(words.title, _plain_names(language, view.provider, view.service)),
            "heading": language.say(words.title, names),
            "happened": language.say(words.happened, names),
            "what_next": language.say(_what_next(view), names),
            "where": language.say(_where(view), names),
            "service_name": names["service"],
            "reference": chrome.reference or "",
        }
        return language.page("failure", chrome, values, shows_reference=True)

    def notice(self, view: NoticeView, chrome: Chrome) -> str:
        """Return a short page about where a journey stands; `view.subject` is a `Standing`.

        Raises:
            ValueError: for a subject that is none.

        """
        language = self._languages[chrome.language]
        words = NOTICE_WORDS[Standing(view.subject)]
        names = _names(language, provider=None, service=view.service)
        values = {
            "view": view,
            "title": language.say(words.title),
            "text": language.say(words.text, names),
            "go_on": language.say(words.go_on, names),
        }
        waits = view.refresh_seconds is not None and view.continue_url is not None
        refresh = (view.refresh_seconds or 0, view.continue_url or "") if waits else None
        return language.page("notice", chrome, values, refresh=refresh)

    def outcome(self, outcome: Outcome, journey: str | None, chrome: Chrome) -> str:
        """Return what an outcome means, for the service that received it."""
        language = self._languages[chrome.language]
        meaning = OUTCOME_MEANINGS[outcome]
        values = {
            "outcome": outcome,
            "journey": journey,
            "title": language.say(meaning.title),
            "meaning": language.say(meaning.meaning),
            "advice": language.say(meaning.advice),
            "party": language.say(PARTIES[outcome.party]),
        }
        return language.page("outcome", chrome, values, shows_reference=True)

    def http_error(self, status: int, chrome: Chrome) -> str:
        """Return the page for a request that never became a step; without words it reads as 400 or 500."""
        language = self._languages[chrome.language]
        words = HTTP_ERRORS.get(status) or HTTP_ERRORS[400 if status < 500 else 500]  # noqa: PLR2004
        hub_s_own = status >= 500 or status == HTTPStatus.TOO_MANY_REQUESTS  # noqa: PLR2004
        values = {
            "title": language.say(words.title),
            "text": language.say(words.text),
            "outcome": Outcome.HUB_ERROR if hub_s_own else Outcome.SERVICE_REQUEST_INVALID,
            "reference": chrome.reference,
        }
        return language.page("http_error", chrome, values)

    def static_page(self, name: str, chrome: Chrome) -> str:
        """Return one of `page_language.STATIC_PAGES`, whose words depend on the deployment alone."""
        return self._languages[chrome.language].page(name, chrome, {})


def _what_next(view: FailureView) -> str:
    nobody_else = view.try_another_action is None and view.outcome in OFFERS_ANOTHER_PROVIDER
    return NO_OTHER_PROVIDER if nobody_else else OUTCOME_WORDS[view.outcome].next


def _where(view: FailureView) -> str:
    name = view.provider if view.party is Party.PROVIDER else view.service
    return (WHERE_IT_STOPPED if name else WHERE_IT_STOPPED_UNNAMED)[view.party]


def _names(language: PageLanguage, *, provider: str | None, service: str | None) -> dict[str, Markup]:
    return {
        "provider": isolate(provider) if provider else language.say(THE_PROVIDER),
        "Provider": isolate(provider) if provider else language.say(SENTENCE_PROVIDER),
        "service": isolate(service) if service else language.say(THE_SERVICE),
        "Service": isolate(service) if service else language.say(SENTENCE_SERVICE),
    }


def _plain_names(language: PageLanguage, provider: str | None, service: str | None) -> dict[str, str]:
    """Return the names for a title, where no element can stand."""
    return {
        "provider": show_controls(provider) if provider else language.say(THE_PROVIDER),
        "Provider": show_controls(provider) if provider else language.say(SENTENCE_PROVIDER),
        "service": show_controls(service) if service else language.say(THE_SERVICE),
        "Service": show_controls(service) if service else language.say(SENTENCE_SERVICE),
    }
