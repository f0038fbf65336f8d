"""What people do with a browser: back, refresh, two clicks, two tabs (attack A-JS-03). Nothing is released twice."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.federation import FISHING, LIBRARY, Federation
from tests.browser.person import Person


def _released(person: Person, reference: str) -> list[str]:
    """The audit entries of a journey that give something to the service."""
    kinds = [entry["kind"] for entry in person.federation.hub.entries(reference)]
    return [kind for kind in kinds if kind in {"journey.completed", "token.issued"}]


def test_back_from_the_provider_allows_another_choice(person: Person) -> None:
    person.start(FISHING)
    person.choose("northgate")
    person.back()
    person.choose("harbour")
    assert person.is_at_provider("harbour")

    person.sign_in()
    person.decide()
    assert person.is_at(FISHING)
    assert person.page.locator("dl#received").count() == 1


def test_back_from_the_agreement_does_not_lose_the_identity(person: Person) -> None:
    person.until_agreement(FISHING)
    agreement = person.page.url

    person.back()
    assert person.is_at_provider()
    # The same sign-in sent to the hub again finds the journey where it stands.
    person.sign_in()
    assert person.page.url == agreement
    person.decide()
    assert person.is_at(FISHING)


def test_back_after_the_end_shows_that_it_is_over(person: Person) -> None:
    person.until_agreement(FISHING)
    reference = person.reference()
    person.decide()
    licence = person.received()

    person.back()

    assert person.is_at_hub()
    assert person.page.locator("#standing[data-standing=finished]").is_visible()
    assert person.reference() == reference
    assert licence["name"] not in person.page.content()
    person.press("a#continue")
    assert person.page.url.startswith(person.federation.services[FISHING])
    person.page.goto(person.federation.services[FISHING])
    assert person.received() == licence
    assert _released(person, reference) == ["journey.completed", "token.issued"]


def test_every_page_can_be_refreshed(person: Person) -> None:
    person.start(FISHING)
    reference = person.reference()
    person.refresh()
    assert person.reference() == reference
    person.choose()
    person.refresh()
    person.sign_in("cancel")
    person.refresh()
    assert person.outcome() == ("cancelled_by_citizen", "citizen")
    person.press("form#try-another button")
    person.refresh()
    person.choose()
    person.sign_in()
    person.refresh()
    assert person.reference() == reference
    person.decide()
    person.refresh()
    assert person.is_at(FISHING)
    assert _released(person, reference) == ["journey.completed", "token.issued"]


def test_a_double_click_on_a_provider_departs_once(person: Person) -> None:
    person.watch.expect_interruption()
    person.start(FISHING)
    reference = person.reference()
    person.choose_button().dblclick()

    person.page.wait_for_selector("form#sign-in")
    assert person.is_at_provider()
    person.sign_in()
    person.decide()
    assert person.is_at(FISHING)
    departures = [
        entry
        for entry in person.federation.hub.entries(reference)
        if entry["kind"] == "journey.provider_chosen"
    ]
    assert len(departures) == 1


def test_a_double_click_on_allow_releases_once(person: Person) -> None:
    person.watch.expect_interruption()
    person.until_agreement(FISHING)
    reference = person.reference()

    person.decide_button("allow").dblclick()

    person.page.wait_for_selector("dl#received")
    assert person.is_at(FISHING)
    assert _released(person, reference) == ["journey.completed", "token.issued"]


def test_two_tabs_with_two_services_do_not_disturb_each_other(person: Person) -> None:
    other = person.new_tab()
    person.start(FISHING)
    other.start(LIBRARY)
    assert person.reference() != other.reference()
    person.choose()
    other.choose()
    person.sign_in()
    other.sign_in()
    other.decide()
    person.decide()

    assert person.is_at(FISHING)
    assert other.is_at(LIBRARY)
    assert person.received()["age_over_18"] is True
    assert "age_over_18" not in other.received()
    assert person.received()["sub"] != other.received()["sub"]


def test_looking_again_while_a_provider_is_slow_waits_for_the_first_look(person: Person) -> None:
    person.watch.expect_interruption()
    person.start(FISHING)
    person.choose()
    button = person.fill_in_sign_in("slow")
    callback = f"{person.federation.issuer}/providers/northgate/callback"
    with person.page.expect_request(lambda request: request.url.startswith(callback)) as returning:
        button.click(no_wait_after=True)

    second = person.new_tab()
    second.page.goto(returning.value.url)
    assert second.page.locator("#standing[data-standing=waiting]").is_visible()
    person.page.wait_for_selector("form#agreement")
    # The waiting page looks again by itself.
    second.page.wait_for_selector("form#agreement")
    assert second.reference() == person.reference()


def test_a_sign_in_that_another_browser_began_ends_nowhere(
    federation: Federation, new_person: NewPerson
) -> None:
    attacker = new_person(federation)
    attacker.start(FISHING)
    attacker.choose()
    victim = new_person(federation)
    victim.watch.expect(400)
    # A link to the provider's page, sent to somebody else (A-JS-02, A-UO-02).
    victim.page.goto(attacker.page.url)
    victim.sign_in()

    assert victim.outcome() == ("expired", "citizen")
    assert victim.page.locator("form#agreement").count() == 0
    assert [cookie for cookie in victim.context.cookies() if cookie["name"].startswith("countersign-")] == []
    attacker.page.goto(f"{federation.issuer}/")
    expect(attacker.page.locator("form#agreement")).to_have_count(0)
