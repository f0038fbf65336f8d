"""What is shared is what was agreed, on the notice that was shown, and nothing else (A-CO)."""

from __future__ import annotations

from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub
from tests.web_browser import Page, filled

NAMES = {"name", "given_name", "middle_name", "family_name"}


def submit_bent(citizen: Citizen, page: Page, **bent: str) -> Page:
    """Send the agreement with fields edited in the form."""
    action, _, fields = filled(page, "agreement", decision="allow")
    edited = [(name, bent.pop(name, value)) for name, value in fields]
    return citizen.browser.post(action, [*edited, *bent.items()])


def test_a_co_05_optional_items_are_never_ticked_beforehand(
    citizen: Citizen, fishing: RelyingService
) -> None:
    agreement = citizen.until_agreement(fishing.ask())

    assert agreement.forms["agreement"].checkboxes == [("share", "postcode_area", False)]


def test_a_co_03_the_agreement_shows_purposes_and_values_from_the_registry_and_the_provider(
    citizen: Citizen, fishing: RelyingService
) -> None:
    agreement = citizen.until_agreement(fishing.ask())

    for words in ("Service fishing-licence", "Rivers Agency", "To use name on the card"):
        assert words in agreement.text
    assert "https://fishing-licence.example/privacy" in agreement.text


def test_a_co_03_items_that_were_not_offered_cannot_be_added_by_the_form(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask(scope="openid", claims='{"userinfo":{"name":null}}')
    agreement = citizen.until_agreement(asked)

    landed = submit_bent(citizen, agreement, share="email")
    signed_in = fishing.finish(hub.issuer, asked, landed)

    assert set(signed_in.userinfo) == {"sub", "name"}


def test_a_co_03_an_edited_notice_is_shown_again_and_decides_nothing(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    agreement = citizen.until_agreement(asked)
    entries = hub.entries(agreement.reference)

    for bent in ({"notice": "0" * 64}, {"notice": ""}, {"language": "cy"}):
        page = submit_bent(citizen, agreement, **bent)
        assert page.status == 409, bent
        assert "agreement" in page.forms
    assert hub.entries(agreement.reference) == entries
    fishing.finish(hub.issuer, asked, citizen.decide(agreement))


def test_a_decision_that_is_neither_yes_nor_no_decides_nothing(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    agreement = citizen.until_agreement(fishing.ask())
    entries = hub.entries(agreement.reference)

    for decision in ("", "maybe", "ALLOW"):
        page = submit_bent(citizen, agreement, decision=decision)
        assert page.status == 400
        assert "agreement" in page.forms
    assert hub.entries(agreement.reference) == entries


def test_the_welsh_notice_can_be_read_and_agreed_to(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask(ui_locales="cy")
    agreement = citizen.until_agreement(asked)

    assert 'lang="cy"' in agreement.text
    assert "Gwasanaeth fishing-licence" in agreement.text
    fishing.finish(hub.issuer, asked, citizen.decide(agreement))


def test_a_co_04_a_later_request_for_more_asks_only_about_the_difference(
    hub: RunningHub, citizen: Citizen, archive: RelyingService
) -> None:
    citizen.sign_in(archive, scope="openid email")
    asked = archive.ask(scope="openid email phone")

    agreement = citizen.visit(asked)

    assert "agreement" in agreement.forms
    assert "+447700900" in agreement.text
    assert "@people.example" not in agreement.text
    signed_in = archive.finish(hub.issuer, asked, citizen.decide(agreement))
    assert {"email", "phone_number"} <= set(signed_in.userinfo)


def test_a_co_04_refusing_the_difference_leaves_the_earlier_agreement_as_it_was(
    hub: RunningHub, citizen: Citizen, archive: RelyingService
) -> None:
    citizen.sign_in(archive, scope="openid email")
    citizen.decide(citizen.visit(archive.ask(scope="openid email phone")), "refuse")

    again = citizen.sign_in(archive, scope="openid email", prompt="none")

    assert "email" in again.userinfo
    assert (
        citizen.visit(archive.ask(scope="openid phone", prompt="none")).query["error"] == "consent_required"
    )


def test_a_co_04_a_higher_level_under_an_old_approval_is_asked_about(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    citizen.sign_in(fishing)
    claims = '{"id_token":{"acr":{"essential":true,"value":"urn:countersign:level:high.high"}}}'

    page = citizen.until_agreement(fishing.ask(claims=claims))

    assert "agreement" in page.forms


def test_fewer_attributes_than_agreed_need_no_question_and_give_only_those(
    citizen: Citizen, fishing: RelyingService
) -> None:
    citizen.sign_in(fishing, tick=["postcode_area"])

    less = citizen.sign_in(fishing, scope="openid", prompt="none", claims='{"userinfo":{"age_over_18":null}}')

    assert set(less.userinfo) == {"sub", "age_over_18"}


def test_an_optional_item_that_was_declined_is_not_asked_about_at_every_visit(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    citizen.sign_in(fishing)

    again = citizen.sign_in(fishing, prompt="none")

    assert set(again.userinfo) == {"sub", *NAMES, "age_over_18"}


def test_what_was_agreed_with_one_service_is_asked_again_at_another_of_the_same_sector(
    citizen: Citizen, library: RelyingService, archive: RelyingService
) -> None:
    citizen.sign_in(archive)

    assert "agreement" in citizen.visit(library.ask()).forms


def test_a_person_under_age_is_told_of_as_such_and_no_birth_date_leaves(
    hub: RunningHub, fishing: RelyingService
) -> None:
    signed_in = Citizen(hub, "under-18").sign_in(fishing, prompt="consent")

    assert signed_in.userinfo["age_over_18"] is False
    assert "birthdate" not in signed_in.userinfo


def test_a_person_without_an_address_can_still_sign_in(hub: RunningHub, fishing: RelyingService) -> None:
    citizen = Citizen(hub, "no-address")
    asked = fishing.ask(prompt="consent")

    signed_in = fishing.finish(hub.issuer, asked, citizen.go_through(asked))

    assert "postcode_area" not in signed_in.userinfo
