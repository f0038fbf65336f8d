"""Names in the pages that tests from outside, and services' own tests, rely on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from broker.notice import NOTICE_VERSION
from broker.outcomes import Outcome, Party
from broker.pages.language import LANGUAGES
from broker.pages.rendering import Pages
from broker.pages.standing import Standing
from tests.broker.pages.page_elements import only, parse_page, text_of
from tests.broker.pages.page_views import (
    REFERENCE,
    agreement_view,
    choose_provider_view,
    chrome,
    every_page,
    failure_view,
    notice,
    notice_view,
)


def test_the_picker_has_one_button_for_each_provider(pages: Pages) -> None:
    form = only(
        parse_page(pages.choose_provider(choose_provider_view(), chrome())), ".//form[@id='choose-provider']"
    )

    assert form.attrib["method"] == "post"
    assert form.attrib["action"] == "/sign-in/choose"
    buttons = form.findall(".//button[@name='provider']")
    assert [button.attrib["value"] for button in buttons] == ["northgate", "civic-post"]
    assert [text_of(button) for button in buttons] == ["Choose Northgate Identity", "Choose Civic Post"]


def test_the_picker_says_honestly_that_a_provider_is_self_declared(pages: Pages) -> None:
    root = parse_page(pages.choose_provider(choose_provider_view(), chrome()))

    northgate, civic_post = root.findall(".//form[@id='choose-provider']//li")
    assert "Not certified: test provider" in text_of(northgate)
    assert "Not certified" not in text_of(civic_post)


def test_the_picker_says_why_the_person_is_here_again(pages: Pages) -> None:
    view = choose_provider_view()
    again = parse_page(pages.choose_provider(view, chrome()))
    first = parse_page(pages.choose_provider(replace(view, last_failure=None), chrome()))

    assert "is not answering" in text_of(only(again, ".//*[@id='last-failure']"))
    assert first.find(".//*[@id='last-failure']") is None


def test_the_agreement_is_one_form_with_two_decisions_bound_to_its_notice(pages: Pages) -> None:
    form = only(parse_page(pages.agreement(agreement_view("cy"), chrome("cy"))), ".//form[@id='agreement']")

    assert [button.attrib["value"] for button in form.findall(".//button[@name='decision']")] == [
        "allow",
        "refuse",
    ]
    assert only(form, ".//input[@name='notice']").attrib["value"] == notice("cy").digest
    assert only(form, ".//input[@name='language']").attrib["value"] == "cy"


def test_optional_items_are_boxes_that_nobody_has_ticked(pages: Pages) -> None:
    form = only(parse_page(pages.agreement(agreement_view(), chrome())), ".//form[@id='agreement']")

    boxes = form.findall(".//input[@type='checkbox']")
    assert [(box.attrib["name"], box.attrib["value"]) for box in boxes] == [
        ("share", "address"),
        ("share", "postcode_area"),
    ]
    assert not any("checked" in box.attrib for box in boxes)


def test_values_are_masked_until_somebody_opens_them(pages: Pages) -> None:
    root = parse_page(pages.agreement(agreement_view(), chrome()))

    details = root.findall(".//details")
    assert len(details) == len(agreement_view().items)
    assert not any("open" in element.attrib for element in details)
    shown = "".join(text_of(element) for element in details)
    for value in ("Ann Elizabeth Sample", "1 Mill Lane", "LL"):
        assert value in shown
    for element in details:
        element.clear()
    assert "Ann" not in "".join(root.itertext())


@pytest.mark.parametrize("disclosed", [True, False])
def test_the_agreement_says_whether_the_service_learns_the_provider(pages: Pages, *, disclosed: bool) -> None:
    root = parse_page(pages.agreement(agreement_view(disclose_provider=disclosed), chrome()))

    assert (root.find(".//*[@id='provider-disclosed']") is not None) is disclosed
    assert (root.find(".//*[@id='provider-not-disclosed']") is None) is disclosed


def test_the_agreement_names_what_goes_out_again_without_being_asked_for(pages: Pages) -> None:
    before = only(parse_page(pages.agreement(agreement_view(), chrome())), ".//*[@id='already-agreed']")
    none = parse_page(pages.agreement(replace(agreement_view(), already_agreed=()), chrome()))

    assert "Email address, Date of birth" in text_of(before)
    assert none.find(".//*[@id='already-agreed']") is None


def test_the_agreement_offers_another_provider(pages: Pages) -> None:
    form = only(parse_page(pages.agreement(agreement_view(), chrome())), ".//form[@id='switch-provider']")

    assert form.attrib["action"] == "/sign-in/switch"


@pytest.mark.parametrize("outcome", Outcome)
def test_every_failure_says_its_code_its_party_and_its_reference(pages: Pages, outcome: Outcome) -> None:
    root = parse_page(pages.failure(failure_view(outcome), chrome()))

    element = only(root, ".//*[@id='outcome']")
    assert element.attrib["data-code"] == outcome.value
    assert element.attrib["data-party"] == outcome.party.value
    assert text_of(only(root, ".//*[@id='journey-reference']")) == REFERENCE
    assert only(root, ".//form[@id='try-another']").attrib["action"] == "/sign-in/another"
    assert (
        only(root, ".//a[@id='return-to-service']")
        .attrib["href"]
        .startswith("http://localhost:8410/callback?")
    )


def test_a_failure_before_any_journey_has_an_empty_reference_and_leads_nowhere(pages: Pages) -> None:
    root = parse_page(every_page(pages, "en")["failure-no_journey"]())

    assert text_of(only(root, ".//*[@id='journey-reference']")) == ""
    assert root.find(".//form[@id='try-another']") is None
    assert root.find(".//a[@id='return-to-service']") is None
    assert "Tell its staff" in text_of(root)


def test_nobody_is_told_to_choose_another_provider_where_there_is_none(pages: Pages) -> None:
    for outcome in Outcome:
        alone = replace(failure_view(outcome), try_another_action=None)

        assert "choose another provider" not in text_of(parse_page(pages.failure(alone, chrome())))


def test_the_party_of_the_view_counts_even_where_the_outcome_has_another(pages: Pages) -> None:
    view = replace(failure_view(Outcome.EXPIRED), party=Party.HUB)

    assert 'data-party="hub"' in pages.failure(view, chrome())


def test_a_waiting_page_looks_again_by_itself_and_has_a_button(pages: Pages) -> None:
    root = parse_page(pages.notice(notice_view(Standing.WAITING), chrome()))

    assert only(root, "head/meta[@http-equiv='refresh']").attrib["content"] == "3; url=/sign-in"
    assert only(root, ".//a[@id='continue']").attrib["href"] == "/sign-in"


def test_no_other_page_refreshes_itself(pages: Pages) -> None:
    for name, make in every_page(pages, "en").items():
        assert ("http-equiv" in make()) is (name == f"notice-{Standing.WAITING}"), name


def test_a_notice_on_an_unknown_subject_is_refused(pages: Pages) -> None:
    with pytest.raises(ValueError, match="lost"):
        pages.notice(replace(notice_view(Standing.EXPIRED), subject="lost"), chrome())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_carries_its_token(pages: Pages, language: str) -> None:
    for name, make in every_page(pages, language).items():
        for form in parse_page(make()).iter("form"):
            assert only(form, "input[@name='form_token']").attrib["value"] == "form-token", name
            assert form.attrib["method"] == "post", name


def test_every_page_of_a_journey_shows_its_reference_once(pages: Pages) -> None:
    for name, make in every_page(pages, "en").items():
        if (
            name.startswith(("choose", "agreement", "failure", "notice", "outcome"))
            and "no_journey" not in name
        ):
            assert text_of(only(parse_page(make()), ".//*[@id='journey-reference']")) == REFERENCE, name


def test_the_notice_has_a_version() -> None:
    assert notice().version == NOTICE_VERSION
