"""A person in front of Chromium: each method is what their hand does, by the hooks that `contract.md` promises."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Collection
from typing import Any, Final

from playwright.sync_api import BrowserContext, Locator
from playwright.sync_api import TimeoutError as LateError

from tests.browser.federation import Federation
from tests.browser.watch import Watch

REFERENCE: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}")
_LANDING_MILLISECONDS: Final = 10_000
_ADD_OPTION: Final = """
(select, value) => {
  if (![...select.options].some(option => option.value === value)) select.add(new Option(value, value));
}
"""


def somebody() -> str:
    """The persona of a person whom no other test knows."""
    return f"complete-{random.randrange(10, 10**9)}"


class Person:
    """One person with one browser and, at first, one tab; known to providers as `persona`."""

    def __init__(
        self, federation: Federation, context: BrowserContext, watch: Watch, persona: str | None = None
    ) -> None:
        self.federation = federation
        self.context = context
        self.watch = watch
        self.persona = persona or somebody()
        self.page = context.new_page()

    def new_tab(self) -> Person:
        """The same person and browser, looking at a tab of its own."""
        return Person(self.federation, self.context, self.watch, self.persona)

    def press(self, what: str | Locator) -> None:
        """Press a link or a button that leads to another page, and wait until that has come."""
        target = self.page.locator(what) if isinstance(what, str) else what
        with self.page.expect_navigation():
            target.click()

    def refresh(self) -> None:
        """Press the button that loads the page anew."""
        self.page.wait_for_load_state()
        self.page.reload()

    def back(self) -> None:
        """Press the back button."""
        self.page.wait_for_load_state()
        self.page.go_back()

    # At a service.

    def start(self, service: str, query: str = "") -> None:
        """Open a service and press its sign-in link; `query` goes along (see `broker.demo.service`)."""
        if query:
            self.page.goto(f"{self.federation.services[service]}/start?{query}")
            return
        self.page.goto(f"{self.federation.services[service]}/")
        self.press("a#start")

    def is_at(self, service: str) -> bool:
        """Whether the browser shows the service's own page."""
        return self._is_under(f"{self.federation.services[service]}/")

    def received(self) -> dict[str, Any]:
        """What the service in front says that it received."""
        names = self.page.locator("dl#received > dt").all_inner_texts()
        values = self.page.locator("dl#received > dd").all_inner_texts()
        return {name: json.loads(value) for name, value in zip(names, values, strict=True)}

    def id_token(self) -> dict[str, Any]:
        """The ID token's claims that the service in front shows."""
        claims: dict[str, Any] = json.loads(self.page.locator("pre#id-token").inner_text())
        return claims

    # At the hub.

    def is_at_hub(self) -> bool:
        """Whether the browser shows a page of the hub."""
        return self._is_under(f"{self.federation.issuer}/**")

    def choose_button(self, provider: str = "northgate") -> Locator:
        """The button that chooses a provider."""
        return self.page.locator(f"form#choose-provider button[name=provider][value={provider}]")

    def choose(self, provider: str = "northgate") -> None:
        """Choose a provider."""
        self.press(self.choose_button(provider))

    def decide_button(self, decision: str = "allow") -> Locator:
        """The button that allows or refuses."""
        return self.page.locator(f"form#agreement button[name=decision][value={decision}]")

    def decide(self, decision: str = "allow", *, tick: Collection[str] = ()) -> None:
        """Tick optional items, then allow or refuse."""
        for attribute in tick:
            self.page.check(f"form#agreement input[type=checkbox][name=share][value={attribute}]")
        self.press(self.decide_button(decision))

    def switch_language(self, language: str) -> None:
        """Press the link to the page's other language."""
        self.press(f"nav a[hreflang={language}]")

    def language(self) -> str | None:
        """The language that the page says it is in."""
        return self.page.locator("html").get_attribute("lang")

    def outcome(self) -> tuple[str | None, str | None]:
        """The code and the party that a failure page names."""
        shown = self.page.locator("#outcome")
        return shown.get_attribute("data-code"), shown.get_attribute("data-party")

    def reference(self) -> str:
        """The journey's reference on the page."""
        return self.page.locator("#journey-reference").inner_text()

    # At a provider.

    def is_at_provider(self, provider: str = "northgate") -> bool:
        """Whether the browser shows this provider's sign-in page."""
        return self._is_under(f"{self.federation.hub.providers[provider]}/**")

    def fill_in_sign_in(self, outcome: str = "success") -> Locator:
        """Choose who and what at the simulated provider, and give the button that sends it."""
        persona = self.page.locator("form#sign-in select[name=persona]")
        # The page lists a few people only; the provider knows many more.
        persona.evaluate(_ADD_OPTION, self.persona)
        persona.select_option(self.persona)
        self.page.select_option("form#sign-in select[name=outcome]", outcome)
        return self.page.locator("form#sign-in button[type=submit]")

    def sign_in(self, outcome: str = "success") -> None:
        """Sign in at the simulated provider."""
        self.press(self.fill_in_sign_in(outcome))

    def _is_under(self, pattern: str) -> bool:
        try:
            self.page.wait_for_url(pattern, timeout=_LANDING_MILLISECONDS)
        except LateError:
            return False
        return True

    # All the way.

    def until_agreement(self, service: str, provider: str = "northgate") -> None:
        """From the service's door to the page that asks whether to share."""
        self.start(service)
        self.choose(provider)
        self.sign_in()

    def sign_in_to(self, service: str, *, tick: Collection[str] = ()) -> None:
        """A whole first sign-in."""
        self.until_agreement(service)
        self.decide(tick=tick)
