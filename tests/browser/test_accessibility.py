"""Every page that a citizen meets: axe finds nothing, in both languages, on a desktop and on a telephone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import DESKTOP, NewPerson
from tests.browser.federation import FISHING, Federation
from tests.browser.person import Person

AXE: Final = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TELEPHONE: Final[ViewportSize] = {"width": 360, "height": 740}
_RUN: Final = """
async () => (await axe.run(document, {
  runOnly: {
    type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
  },
  rules: {"target-size": {enabled: true}},
})).violations.map(found => `${found.id}: ${found.nodes[0].html}`)
"""


class Checked:
    """Collects what is wrong with the pages that a journey passes."""

    def __init__(self) -> None:
        self._axe = AXE.read_text(encoding="utf-8")
        self.pages: list[str] = []
        self.found: list[str] = []

    def look(self, page: Page, name: str, language: str) -> None:
        """Open everything that opens on this page, and look at it in two widths."""
        page.wait_for_load_state()
        assert page.locator("html").get_attribute("lang") == language, name
        assert page.title(), name
        for details in page.locator("details").all():
            details.evaluate("element => { element.open = true }")
        page.evaluate(self._axe)
        for size in (DESKTOP, TELEPHONE):
            page.set_viewport_size(size)
            self.found += [f"{name} at {size['width']}: {it}" for it in page.evaluate(_RUN)]
            if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                self.found.append(f"{name} at {size['width']}: wider than the screen")
        page.set_viewport_size(DESKTOP)
        self.pages.append(name)


@pytest.mark.parametrize("language", ["en", "cy"])
def test_axe_finds_nothing_on_a_journey(federation: Federation, new_person: NewPerson, language: str) -> None:
    person = new_person(federation, locale=f"{language}-GB")
    page, checked = person.page, Checked()

    page.goto(federation.services[FISHING])
    checked.look(page, "service", "en")
    person.press("a#start")
    checked.look(page, "picker", language)
    person.choose()
    checked.look(page, "provider", "en")
    person.sign_in("not-proved")
    checked.look(page, "failure", language)
    person.press("form#try-another button")
    checked.look(page, "picker after a failure", language)
    person.choose("harbour")
    person.sign_in()
    checked.look(page, "agreement", language)
    person.decide("refuse")
    checked.look(page, "service after a refusal", "en")
    person.press("a#start")
    checked.look(page, "agreement in a session", language)
    person.decide(tick=["postcode_area"])
    checked.look(page, "service after signing in", "en")
    person.back()
    checked.look(page, "finished", language)

    assert checked.found == []


@pytest.mark.parametrize("language", ["en", "cy"])
def test_axe_finds_nothing_beside_a_journey(
    federation: Federation, new_person: NewPerson, language: str
) -> None:
    person = new_person(federation, locale=f"{language}-GB")
    person.watch.expect(400, 404, 405, 410)
    checked = Checked()
    paths = (
        *("/", "/privacy", "/cookies", "/accessibility", "/contact"),
        *("/outcomes/expired", "/outcomes/refused_by_citizen?journey=ABCD-EFGH-JKMN"),
        *("/nowhere", "/authorize", "/authorize?client_id=nobody", "/token", "/sign-in/ABCD-EFGH-JKMN"),
    )
    for path in paths:
        person.page.goto(f"{federation.issuer}{path}")
        checked.look(person.page, path, language)

    assert checked.found == []


@pytest.mark.parametrize("persona", ["long-name", "non-latin", "welsh", "mononym", "under-18"])
def test_axe_finds_nothing_whatever_somebody_is_called(
    federation: Federation, new_person: NewPerson, persona: str
) -> None:
    person, checked = new_person(federation, persona), Checked()
    person.until_agreement(FISHING)
    checked.look(person.page, f"agreement of {persona}", "en")
    shown = _shown_values(person)
    person.decide()
    checked.look(person.page, f"service of {persona}", "en")

    assert checked.found == []
    assert person.received()["name"] in shown


def _shown_values(person: Person) -> list[str]:
    return person.page.locator("form#agreement details dd").all_inner_texts()
