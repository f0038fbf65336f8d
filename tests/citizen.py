"""A citizen on the way through a sign-in: each method is what a person does, and gives the page they then see."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Protocol

from idp_adapters.certification.simulator.personas import Person, person
from tests.relying_service import Asked, RelyingService, SignedIn
from tests.web_browser import Browser, Page


class Federation(Protocol):
    """Where a hub and its providers are."""

    @property
    def issuer(self) -> str: ...

    @property
    def providers(self) -> Mapping[str, str]: ...


def somebody() -> str:
    """The persona of a person whom no other test knows."""
    return f"complete-{random.randrange(10, 10**9)}"


class Citizen:
    """One person with one browser, known to providers as `persona`."""

    def __init__(self, hub: Federation, persona: str | None = None, browser: Browser | None = None) -> None:
        self.hub = hub
        self.persona = persona or somebody()
        self.browser = browser or Browser({hub.issuer, *hub.providers.values()})

    @property
    def person(self) -> Person:
        """Who they are to the simulated providers."""
        return person(self.persona, datetime.now(UTC).date())

    def tells_of_me(self, text: str) -> bool:
        """Whether a text holds anything that a provider knows of this person."""
        claims = self.person.claims
        telling = ("name", "family_name", "email", "phone_number", "birthdate")
        values = [str(claims[name]) for name in telling if name in claims]
        return any(value in text for value in (self.person.subject, *values))

    def elsewhere(self) -> Citizen:
        """The same person with another browser."""
        return Citizen(self.hub, self.persona)

    def visit(self, asked: Asked, *, follow: bool = True) -> Page:
        """Press the service's sign-in link."""
        return self.browser.get(asked.url(self.hub.issuer), follow=follow)

    def choose(self, page: Page, provider: str = "northgate", *, follow: bool = True) -> Page:
        """Choose a provider."""
        return self.browser.submit(page, "choose-provider", follow=follow, provider=provider)

    def sign_in_there(self, page: Page, outcome: str = "success", *, follow: bool = True) -> Page:
        """Sign in at the simulated provider."""
        return self.browser.submit(page, "sign-in", follow=follow, persona=self.persona, outcome=outcome)

    def decide(
        self, page: Page, decision: str = "allow", *, tick: Collection[str] = (), follow: bool = True
    ) -> Page:
        """Agree or refuse."""
        return self.browser.submit(page, "agreement", follow=follow, tick=tick, decision=decision)

    def until_agreement(self, asked: Asked, *, provider: str = "northgate", outcome: str = "success") -> Page:
        """Go as far as it goes without deciding: the agreement, a problem, or back at the service."""
        page = self.visit(asked)
        if "choose-provider" in page.forms:
            page = self.choose(page, provider)
        if "sign-in" in page.forms:
            page = self.sign_in_there(page, outcome)
        return page

    def go_through(
        self,
        asked: Asked,
        *,
        provider: str = "northgate",
        outcome: str = "success",
        decision: str = "allow",
        tick: Collection[str] = (),
    ) -> Page:
        """Go through the whole journey, answering whatever is asked."""
        page = self.until_agreement(asked, provider=provider, outcome=outcome)
        if "agreement" in page.forms:
            page = self.decide(page, decision, tick=tick)
        return page

    def sign_in(
        self,
        service: RelyingService,
        *,
        provider: str = "northgate",
        tick: Collection[str] = (),
        **parameters: str | None,
    ) -> SignedIn:
        """Sign in to a service, and let it collect everything it may know."""
        asked = service.ask(**parameters)
        return service.finish(self.hub.issuer, asked, self.go_through(asked, provider=provider, tick=tick))

    def seen(self, *, since: int = 0) -> list[str]:
        """The addresses of the pages and redirects so far, without their queries."""
        return [page.url.partition("?")[0] for page in self.browser.history[since:]]
