"""English and Welsh: a person may change the language at any step and change back, and nothing is lost by it."""

from __future__ import annotations

from tests.browser.conftest import NewPerson
from tests.browser.federation import FISHING, Federation
from tests.browser.person import Person


def test_the_language_is_switched_in_the_middle_and_back(person: Person) -> None:
    person.start(FISHING)
    reference = person.reference()
    assert person.language() == "en"

    person.switch_language("cy")
    assert person.language() == "cy"
    assert person.reference() == reference
    assert "Adnewyddu trwydded bysgota" in person.page.locator("main").inner_text()
    person.choose()
    person.sign_in()
    assert person.language() == "cy"
    assert "I'w argraffu ar y drwydded" in person.page.locator("form#agreement").inner_text()

    person.switch_language("en")
    assert person.language() == "en"
    assert "To print on the licence" in person.page.locator("form#agreement").inner_text()
    person.decide(tick=["postcode_area"])
    assert person.is_at(FISHING)
    assert "postcode_area" in person.received()


def test_somebody_agrees_in_welsh(person: Person) -> None:
    person.start(FISHING)
    person.switch_language("cy")
    person.choose()
    person.sign_in()
    person.decide()

    assert person.is_at(FISHING)
    assert person.received()["age_over_18"] is True


def test_a_failure_speaks_the_language_that_was_chosen(person: Person) -> None:
    person.start(FISHING)
    person.switch_language("cy")
    person.choose()
    person.sign_in("cancel")
    assert person.language() == "cy"

    person.switch_language("en")
    assert person.language() == "en"
    assert person.outcome() == ("cancelled_by_citizen", "citizen")


def test_a_browser_in_welsh_is_answered_in_welsh(federation: Federation, new_person: NewPerson) -> None:
    person = new_person(federation, locale="cy-GB")
    person.start(FISHING)

    assert person.language() == "cy"


def test_a_service_can_ask_for_welsh(person: Person) -> None:
    person.start(FISHING, "ui_locales=cy")

    assert person.language() == "cy"
    person.choose()
    person.sign_in()
    assert person.language() == "cy"
