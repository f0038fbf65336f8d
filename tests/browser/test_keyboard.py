"""A whole journey with Tab, Enter, Space and an arrow key; and wherever the focus is, it can be seen."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import FloatRect, Page

from tests.browser.conftest import NewPerson
from tests.browser.federation import FISHING, Federation
from tests.browser.person import Person

_MOST_STOPS: Final = 60
_AROUND: Final = 8
_FOCUSED: Final = "selector => document.activeElement.matches(selector)"
_WHERE: Final = """
() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const box = (element.labels?.[0] ?? element).getBoundingClientRect();
  const own = element.getBoundingClientRect();
  const left = Math.min(box.left, own.left), top = Math.min(box.top, own.top);
  return {
    name: element.outerHTML.slice(0, 120),
    x: left + scrollX, y: top + scrollY,
    width: Math.max(box.right, own.right) - left, height: Math.max(box.bottom, own.bottom) - top,
  };
}
"""


def _tab_to(page: Page, selector: str) -> None:
    page.wait_for_load_state()
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate(_FOCUSED, selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector} on {page.url}")


def test_a_journey_needs_no_mouse(federation: Federation, new_person: NewPerson) -> None:
    person = new_person(federation)
    page = person.page
    page.goto(federation.services[FISHING])
    _tab_to(page, "a#start")
    page.keyboard.press("Enter")

    assert person.is_at_hub()
    _tab_to(page, "button[name=provider][value=northgate]")
    page.keyboard.press("Enter")

    assert person.is_at_provider()
    _tab_to(page, "select[name=persona]")
    page.keyboard.press("ArrowDown")  # complete-1: nobody else here is that person
    _tab_to(page, "form#sign-in button")
    page.keyboard.press("Enter")

    assert person.is_at_hub()
    _tab_to(page, "form#agreement summary")
    page.keyboard.press("Enter")
    assert page.locator("form#agreement details").first.locator("dd").first.is_visible()
    _tab_to(page, "input[name=share][value=postcode_area]")
    page.keyboard.press("Space")
    _tab_to(page, "button[name=decision][value=allow]")
    page.keyboard.press("Space")

    assert person.is_at(FISHING)
    assert "postcode_area" in person.received()


def test_the_first_stop_leads_past_the_header(person: Person) -> None:
    person.start(FISHING)
    person.page.keyboard.press("Tab")
    assert person.page.locator("a.govuk-skip-link").is_visible()
    person.page.keyboard.press("Enter")
    person.page.keyboard.press("Tab")

    assert person.page.evaluate("document.activeElement.closest('main') !== null")


def test_the_focus_can_be_seen_at_every_stop(person: Person) -> None:
    person.start(FISHING)
    _assert_focus_shows(person.page)
    person.choose()
    person.sign_in("cancel")
    _assert_focus_shows(person.page)
    person.press("form#try-another button")
    person.choose()
    person.sign_in()
    _assert_focus_shows(person.page)


def _assert_focus_shows(page: Page) -> None:
    """Photograph every stop with and without the focus on it: the pictures must differ."""
    stops = _stops(page)
    assert len(stops) > len(["skip link", "home", "language", "a button"])
    page.reload()
    without = [_picture(page, clip) for _, clip in stops]
    unseen = []
    for (name, clip), picture in zip(stops, without, strict=True):
        page.keyboard.press("Tab")
        if _picture(page, clip) == picture:
            unseen.append(name)
    assert unseen == []


def _stops(page: Page) -> list[tuple[str, FloatRect]]:
    page.wait_for_load_state()
    page.reload()
    stops: list[tuple[str, FloatRect]] = []
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(_WHERE)
        if stop is None:
            return stops
        clip: FloatRect = {
            "x": max(0, stop["x"] - _AROUND),
            "y": max(0, stop["y"] - _AROUND),
            "width": stop["width"] + 2 * _AROUND,
            "height": stop["height"] + 2 * _AROUND,
        }
        stops.append((stop["name"], clip))
    raise AssertionError("the focus never leaves the page")


def _picture(page: Page, clip: FloatRect) -> bytes:
    return page.screenshot(clip=clip, full_page=True, animations="disabled", caret="hide")
