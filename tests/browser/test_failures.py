"""Failures have an owner, a reference and a way on: another provider, or back to the service."""

from __future__ import annotations

import pytest

from tests.browser.federation import FISHING
from tests.browser.person import REFERENCE, Person


@pytest.mark.parametrize(
    ("outcome", "code", "party"),
    [
        ("cancel", "cancelled_by_citizen", "citizen"),
        ("not-proved", "identity_not_proved", "provider"),
        ("lower-level", "level_not_reached", "provider"),
        ("garbage", "provider_error", "provider"),
    ],
)
def test_after_a_failure_another_provider_can_be_tried(
    person: Person, outcome: str, code: str, party: str
) -> None:
    person.start(FISHING)
    reference = person.reference()
    person.choose()
    person.sign_in(outcome)

    assert person.outcome() == (code, party)
    assert person.reference() == reference
    person.press("form#try-another button")

    assert person.page.locator("#last-failure").is_visible()
    assert person.reference() == reference
    person.choose("harbour")
    assert person.is_at_provider("harbour")
    person.sign_in()
    person.decide()
    assert person.is_at(FISHING)
    assert person.received()["age_over_18"] is True


def test_a_failure_leads_back_to_the_service_with_the_reference(person: Person) -> None:
    person.start(FISHING)
    person.choose()
    person.sign_in("not-proved")
    reference = person.reference()

    person.press("a#return-to-service")

    assert person.is_at(FISHING)
    error = person.page.locator("#error")
    assert error.get_attribute("data-outcome") == "identity_not_proved"
    assert error.get_attribute("data-journey") == reference
    assert person.page.locator("dl#received").count() == 0
    # The service's page explains itself by the address that came with the error.
    person.press("#error a")
    assert person.is_at_hub()
    assert person.outcome() == ("identity_not_proved", "provider")
    assert person.reference() == reference


def test_somebody_can_turn_back_before_choosing(person: Person) -> None:
    person.start(FISHING)
    reference = person.reference()

    person.press("form#cancel button")

    assert person.is_at(FISHING)
    assert person.page.locator("#error[data-error=access_denied]").get_attribute("data-journey") == reference


def test_somebody_can_change_the_provider_instead_of_agreeing(person: Person) -> None:
    person.until_agreement(FISHING)

    person.press("form#switch-provider button")
    person.choose("harbour")
    person.sign_in()
    person.decide()

    assert person.is_at(FISHING)
    assert person.page.locator("dl#received").count() == 1


def test_an_address_of_the_hub_that_does_not_exist_is_a_page_with_a_way_on(person: Person) -> None:
    person.watch.expect(404)
    person.page.goto(f"{person.federation.issuer}/nowhere")

    assert person.page.locator("h1").count() == 1
    assert person.page.locator("main a[href$='/contact']").is_visible()


def test_a_journey_of_another_browser_is_a_page_with_its_reference(person: Person) -> None:
    person.watch.expect(410)
    person.page.goto(f"{person.federation.issuer}/sign-in/ABCD-EFGH-JKMN/agree")

    assert person.outcome() == ("expired", "citizen")
    assert person.reference() == "ABCD-EFGH-JKMN"
    assert REFERENCE.fullmatch(person.reference())
