"""One language's templates and shells, ready to be filled.

Invariant: everything that does not depend on a request has been rendered when this has been built, and every
template has been compiled, so a template that cannot be read stops the hub at its start.
"""

from __future__ import annotations

from collections.abc import Mapping
from gettext import NullTranslations

from markupsafe import Markup

from broker.pages.built_assets import BuiltAssets
from broker.pages.page_settings import PageSettings
from broker.pages.provider_words import DOCUMENTS, KINDS
from broker.pages.templating import PageTemplate, Shell, build_environment, load_shell
from broker.pages.views import Chrome
from config.environment import Environment

STATIC_PAGES = ("home", "privacy", "cookies", "accessibility", "contact")
"""Pages whose words depend on the deployment alone."""

_PAGES = (*STATIC_PAGES, "choose_provider", "agreement", "failure", "notice", "outcome", "http_error")

_NOTHING = Markup()


class PageLanguage:
    """What it takes to make any page in one language."""

    def __init__(
        self, language: str, catalog: NullTranslations, settings: PageSettings, assets: BuiltAssets
    ) -> None:
        self._catalog = catalog
        environment = build_environment(
            language,
            catalog,
            {
                "base": settings.base_path,
                "settings": settings,
                "assets": assets,
                "prefix": "__Host-" if settings.https else "countersign-",
                "kinds": {kind: catalog.gettext(words) for kind, words in KINDS.items()},
                "documents": {document: catalog.gettext(words) for document, words in DOCUMENTS.items()},
            },
        )
        self._templates = {name: PageTemplate(environment.get_template(f"{name}.html")) for name in _PAGES}
        slots = ("title", "refresh", "switch", "content", "reference")
        self._shells = {
            kind: Shell.of(load_shell(environment), slots, environment=kind.value) for kind in Environment
        }
        self._environment = settings.environment
        self._switch = Shell.of(environment.get_template("switch.html"), ("url",))
        self._reference = Shell.of(environment.get_template("reference.html"), ("reference",))
        self._refresh = Shell.of(environment.get_template("refresh.html"), ("seconds", "url"))

    def say(self, message: str, names: Mapping[str, str | Markup] | None = None) -> Markup:
        """Return a text of the word tables in this language, with names put in and escaped."""
        # Our own words and our translators'; the names are escaped by Markup's `%`.
        return Markup(self._catalog.gettext(message)) % (names or {})  # noqa: S704

    def page(
        self,
        name: str,
        chrome: Chrome,
        values: Mapping[str, object],
        *,
        refresh: tuple[int, str] | None = None,
        shows_reference: bool = False,
    ) -> str:
        """Return a whole page; `shows_reference`: its template has the journey's reference already."""
        title, content = self._templates[name].render(values)
        shell = self._shells[Environment.LOCAL if chrome.local else self._environment]
        return shell.fill(
            title=title,
            content=content,
            refresh=self._refresh.fill(seconds=str(refresh[0]), url=refresh[1]) if refresh else _NOTHING,
            switch=self._switch.fill(url=chrome.switch_language_url)
            if chrome.switch_language_url
            else _NOTHING,
            reference=(
                self._reference.fill(reference=chrome.reference)
                if chrome.reference and not shows_reference
                else _NOTHING
            ),
        )
