"""Double clicks, back, refresh and second tabs: each behaves, and nothing is released twice (A-JS-03)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub
from tests.web_browser import Page


def kinds_of(hub: RunningHub, page: Page) -> list[str]:
    return [entry["kind"] for entry in hub.entries(page.reference)]


def test_a_js_03_a_double_click_on_the_picker_is_one_departure(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    picker = citizen.visit(fishing.ask())

    first = citizen.choose(picker, follow=False)
    second = citizen.choose(picker, follow=False)

    assert first.location == second.location
    assert kinds_of(hub, picker).count("journey.provider_chosen") == 1


def test_a_js_03_a_double_click_on_the_agreement_is_one_code(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    agreement = citizen.until_agreement(asked)

    first = citizen.decide(agreement)
    second = citizen.decide(agreement)

    assert first.url == second.url
    fishing.finish(hub.issuer, asked, second)
    assert kinds_of(hub, agreement).count("journey.completed") == 1


def test_a_js_03_concurrent_clicks_on_the_agreement_agree_on_one_code(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    agreement = citizen.until_agreement(asked)
    tabs = [Citizen(hub, citizen.persona, citizen.browser.copy()) for _ in range(6)]

    with ThreadPoolExecutor(len(tabs)) as pool:
        landed = list(pool.map(lambda tab: tab.decide(agreement), tabs))

    assert len({page.url for page in landed}) == 1
    fishing.finish(hub.issuer, asked, landed[0])
    assert kinds_of(hub, agreement).count("journey.completed") == 1
    assert kinds_of(hub, agreement).count("consent.agreed") == 1


def test_concurrent_yes_and_no_end_in_one_of_the_two(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    agreement = citizen.until_agreement(fishing.ask())
    decisions = ["allow", "refuse"] * 3
    tabs = [Citizen(hub, citizen.persona, citizen.browser.copy()) for _ in decisions]

    with ThreadPoolExecutor(len(tabs)) as pool:
        landed = list(
            pool.map(lambda pair: pair[0].decide(agreement, pair[1]), zip(tabs, decisions, strict=True))
        )

    assert len({page.url for page in landed}) == 1
    kinds = kinds_of(hub, agreement)
    assert kinds.count("journey.completed") + kinds.count("journey.ended") == 1


def test_concurrent_clicks_on_the_picker_leave_one_departure_in_force(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    picker = citizen.visit(asked)
    tabs = [Citizen(hub, citizen.persona, citizen.browser.copy()) for _ in range(6)]

    with ThreadPoolExecutor(len(tabs)) as pool:
        pages = list(pool.map(lambda tab: tab.choose(picker, follow=False), tabs))

    assert len({page.location for page in pages}) == 1
    assert kinds_of(hub, picker).count("journey.provider_chosen") == 1
    landed = citizen.decide(citizen.sign_in_there(citizen.choose(picker)))
    fishing.finish(hub.issuer, asked, landed)


def test_concurrent_answers_are_taken_once(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    at_provider = citizen.choose(citizen.visit(fishing.ask()))
    answer = citizen.sign_in_there(at_provider, follow=False).location
    tabs = [citizen.browser.copy() for _ in range(5)]

    with ThreadPoolExecutor(len(tabs)) as pool:
        pages = list(pool.map(lambda tab: tab.get(answer, follow=False), tabs))

    assert {page.status for page in pages} <= {200, 303}
    reference = next(page.location for page in pages if page.status == 303).split("/")[4]
    kinds = [entry["kind"] for entry in hub.entries(reference)]
    assert kinds.count("journey.identity_received") == 1


def test_a_js_03_after_the_code_is_spent_a_second_click_shows_a_way_back_and_no_code(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    agreement = citizen.until_agreement(asked)
    fishing.finish(hub.issuer, asked, citizen.decide(agreement))

    page = citizen.decide(agreement)

    assert page.status == 200
    assert "code=" not in page.text
    assert fishing.redirect_uri.removesuffix("/callback") in page.text


def test_a_js_03_every_page_can_be_refreshed(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    picker = citizen.visit(asked)
    assert "choose-provider" in citizen.browser.get(picker.url).forms
    problem = citizen.sign_in_there(citizen.choose(picker), "not-proved")
    assert citizen.browser.get(problem.url).outcome == problem.outcome
    picker = citizen.browser.submit(problem, "try-another")
    agreement = citizen.sign_in_there(citizen.choose(picker, "harbour"))
    assert "agreement" in citizen.browser.get(agreement.url).forms
    landed = citizen.decide(agreement)
    fishing.finish(hub.issuer, asked, landed)
    for page in (picker, agreement, problem):
        refreshed = citizen.browser.get(page.url)
        assert refreshed.status == 200
        assert "code=" not in refreshed.text


def test_a_js_03_back_to_the_picker_chooses_again(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    picker = citizen.visit(asked)
    citizen.choose(picker, "northgate")

    at_harbour = citizen.choose(citizen.browser.get(picker.url), "harbour")

    assert at_harbour.url.startswith(hub.providers["harbour"])
    fishing.finish(hub.issuer, asked, citizen.decide(citizen.sign_in_there(at_harbour)))


def test_back_from_the_agreement_leads_to_the_agreement(citizen: Citizen, fishing: RelyingService) -> None:
    picker = citizen.visit(fishing.ask())
    agreement = citizen.sign_in_there(citizen.choose(picker))

    assert citizen.browser.get(picker.url).url == agreement.url


def test_a_page_from_before_the_sign_in_changes_nothing_and_shows_the_way_on(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    picker = citizen.visit(fishing.ask())
    agreement = citizen.sign_in_there(citizen.choose(picker))
    entries = hub.entries(picker.reference)

    outdated = citizen.choose(picker)

    assert outdated.status == 403
    assert outdated.elements["standing"]["data-standing"] == "moved_on"
    assert hub.entries(picker.reference) == entries
    assert (
        citizen.browser.get(urljoin(outdated.url, outdated.elements["continue"]["href"])).url == agreement.url
    )


def test_two_tabs_are_two_journeys_that_do_not_mix(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, library: RelyingService
) -> None:
    one, other = fishing.ask(), library.ask()
    picker_one, picker_other = citizen.visit(one), citizen.visit(other)

    agreement_other = citizen.sign_in_there(citizen.choose(picker_other, "harbour"))
    agreement_one = citizen.sign_in_there(citizen.choose(picker_one, "northgate"))
    landed_other, landed_one = citizen.decide(agreement_other), citizen.decide(agreement_one)

    assert fishing.finish(hub.issuer, one, landed_one).subject
    assert library.finish(hub.issuer, other, landed_other).subject


def test_opening_the_same_link_twice_gives_two_journeys(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    first, second = citizen.visit(asked), citizen.visit(asked)

    landed_second = citizen.decide(citizen.sign_in_there(citizen.choose(second)))
    landed_first = citizen.sign_in_there(citizen.choose(first))

    assert fishing.code(hub.issuer, asked, landed_first) != fishing.code(hub.issuer, asked, landed_second)
