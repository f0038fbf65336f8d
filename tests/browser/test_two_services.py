"""The main job: renew a fishing licence, join the library with the same session, refuse once, come back silently."""

from __future__ import annotations

import pytest

from tests.browser.conftest import NewPerson
from tests.browser.federation import FISHING, LIBRARY, Federation
from tests.browser.person import REFERENCE

LEVEL = "urn:countersign:level:"


@pytest.mark.parametrize(
    ("scripts", "persona"), [(True, "complete"), (False, "second-complete")], ids=["with-scripts", "without"]
)
def test_two_services_one_session(
    federation: Federation, new_person: NewPerson, *, scripts: bool, persona: str
) -> None:
    person = new_person(federation, persona, java_script_enabled=scripts)
    page = person.page

    person.start(FISHING)
    assert REFERENCE.fullmatch(person.reference())
    assert page.locator("form#choose-provider button[name=provider]").count() == 2
    person.choose()
    assert person.is_at_provider()
    assert page.locator("#asked-level").get_attribute("data-level") == "medium"
    person.sign_in()

    hidden = page.locator("form#agreement details dd")
    assert not any(value.is_visible() for value in hidden.all())
    for summary in page.locator("form#agreement details summary").all():
        summary.click()
    assert all(value.is_visible() for value in hidden.all())
    assert "Amelia Rose Thornbury" in hidden.all_inner_texts()
    optional = page.locator("form#agreement input[type=checkbox][name=share]")
    assert [box.get_attribute("value") for box in optional.all()] == ["postcode_area"]
    assert not optional.is_checked()
    person.decide(tick=["postcode_area"])

    assert person.is_at(FISHING)
    licence = person.received()
    assert {"sub", "name", "age_over_18", "postcode_area"} <= licence.keys()
    assert licence["age_over_18"] is True
    assert "birthdate" not in licence
    assert "address" not in licence
    assert person.id_token()["acr"] == f"{LEVEL}medium.medium"

    # The library in the same session: no picker, no provider, one agreement. Refused first, then allowed.
    person.start(LIBRARY)
    assert page.locator("form#agreement").is_visible()
    assert page.locator("#already-signed-in").is_visible()
    reference = person.reference()
    person.decide("refuse")
    assert person.is_at(LIBRARY)
    refused = page.locator("#error[data-error=access_denied]")
    assert refused.get_attribute("data-journey") == reference
    assert refused.get_attribute("data-outcome") == "refused_by_citizen"
    assert page.locator("dl#received").count() == 0

    person.start(LIBRARY)
    person.decide()
    assert person.is_at(LIBRARY)
    card = person.received()
    assert card["name"] == licence["name"]
    assert card["sub"] != licence["sub"]
    assert "age_over_18" not in card

    # Again: nothing is asked, and both services know the person by the same names as before.
    for service, before in ((FISHING, licence), (LIBRARY, card)):
        page.goto(federation.services[service])
        person.press("a#sign-out")
        assert page.locator("dl#received").count() == 0
        person.press("a#start")
        assert person.is_at(service)
        assert person.received() == before


def test_somebody_who_comes_back_another_day_agrees_once_only(
    federation: Federation, new_person: NewPerson
) -> None:
    first = new_person(federation)
    first.sign_in_to(FISHING)
    licence = first.received()

    later = new_person(federation, first.persona)
    later.start(FISHING)
    later.choose()
    later.sign_in()

    assert later.is_at(FISHING)
    assert later.received() == licence


def test_an_optional_item_that_was_not_ticked_stays_with_the_hub(
    federation: Federation, new_person: NewPerson
) -> None:
    person = new_person(federation)
    person.sign_in_to(FISHING)

    assert "postcode_area" not in person.received()
