"""Hints: `id_token_hint` says who is meant and is believed only when it is ours; others only order or pre-select."""

from __future__ import annotations

from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub


def test_a_hint_at_the_person_who_is_signed_in_changes_nothing(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    before = citizen.sign_in(fishing)
    asked = fishing.ask(prompt="none", id_token_hint=before.id_token)

    assert fishing.finish(hub.issuer, asked, citizen.visit(asked)).subject == before.subject


def test_a_hint_at_somebody_else_is_login_required_when_silent(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    other = Citizen(hub).sign_in(fishing)
    citizen.sign_in(fishing)

    landed = citizen.visit(fishing.ask(prompt="none", id_token_hint=other.id_token))

    assert landed.query["error"] == "login_required"


def test_another_person_than_the_hinted_one_gets_nothing_and_may_choose_again(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    hinted = Citizen(hub).sign_in(fishing)

    page = citizen.until_agreement(fishing.ask(id_token_hint=hinted.id_token))

    assert page.outcome == ("different_person", "citizen")
    assert "try-another" in page.forms


def test_being_refused_as_somebody_else_opens_no_account(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    hinted = Citizen(hub).sign_in(fishing)
    accounts = hub.rows("SELECT count(*) FROM provider_links")

    citizen.until_agreement(fishing.ask(id_token_hint=hinted.id_token))

    assert hub.rows("SELECT count(*) FROM provider_links") == accounts


def test_a_hint_that_is_not_ours_or_another_services_counts_for_nothing(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, library: RelyingService
) -> None:
    theirs = Citizen(hub).sign_in(library).id_token
    citizen.sign_in(fishing)

    for hint in (theirs, "garbage", theirs[:-8] + "AAAAAAAA", "a.b.c", "ü"):
        assert "code" in citizen.visit(fishing.ask(prompt="none", id_token_hint=hint)).query, hint


def test_a_claims_request_for_one_subject_admits_nobody_else(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    known = citizen.sign_in(fishing)
    wish = f'{{"id_token":{{"sub":{{"value":"{known.subject}"}}}}}}'

    assert "code" in citizen.visit(fishing.ask(prompt="none", claims=wish)).query
    stranger = Citizen(hub)
    page = stranger.until_agreement(fishing.ask(claims=wish))
    assert page.outcome == ("different_person", "citizen")


def test_a_provider_hint_skips_the_picker_only_where_it_is_registered(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, loner: RelyingService
) -> None:
    asked = loner.ask(provider_hint="harbour")

    at_provider = citizen.visit(asked)

    assert at_provider.url.startswith(hub.providers["harbour"])
    loner.finish(hub.issuer, asked, citizen.decide(citizen.sign_in_there(at_provider)))
    assert "choose-provider" in Citizen(hub).visit(fishing.ask(provider_hint="harbour")).forms


def test_an_unknown_provider_hint_is_ignored(citizen: Citizen, loner: RelyingService) -> None:
    assert "choose-provider" in citizen.visit(loner.ask(provider_hint="nowhere")).forms


def test_a_hinted_provider_that_fails_leaves_the_others_to_choose(
    hub: RunningHub, citizen: Citizen, loner: RelyingService
) -> None:
    asked = loner.ask(provider_hint="harbour")
    page = citizen.sign_in_there(citizen.visit(asked), "not-proved")

    picker = citizen.browser.submit(page, "try-another")
    landed = citizen.decide(citizen.sign_in_there(citizen.choose(picker, "northgate")))

    loner.finish(hub.issuer, asked, landed)
