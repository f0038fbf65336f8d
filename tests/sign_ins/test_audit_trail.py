"""Every step writes its entry, in order, and no entry and no log line holds anything of a person (A-AU-04)."""

from __future__ import annotations

import json

from tests.citizen import Citizen
from tests.relying_service import RelyingService, call
from tests.running_hub import RunningHub


def kinds_of(hub: RunningHub, reference: str) -> list[str]:
    return [entry["kind"] for entry in hub.entries(reference)]


def test_a_first_sign_in_is_told_from_request_to_release(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    agreement = citizen.until_agreement(asked)
    fishing.finish(hub.issuer, asked, citizen.decide(agreement, tick=["postcode_area"]))

    entries = {entry["kind"]: entry["fields"] for entry in hub.entries(agreement.reference)}

    assert kinds_of(hub, agreement.reference) == [
        "journey.started",
        "journey.provider_chosen",
        "journey.identity_received",
        "account.opened",
        "consent.shown",
        "consent.agreed",
        "journey.completed",
        "token.issued",
        "attributes.released",
    ]
    assert entries["journey.started"]["service"] == "fishing-licence"
    assert entries["journey.provider_chosen"]["provider"] == "northgate"
    assert entries["journey.identity_received"]["asserted"] == "urn:example:northgate:medium"
    assert entries["journey.identity_received"]["effective"] == "medium.medium"
    assert entries["account.opened"]["new"] is True
    assert entries["consent.agreed"]["shared"] == ["name", "age_over_18", "postcode_area"]
    assert "postcode_area" in entries["attributes.released"]["attributes"]


def test_a_silent_sign_in_is_told_with_the_session_that_it_rests_on(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    citizen.sign_in(fishing)
    already_there = {entry["id"] for entry in hub.entries()}

    citizen.sign_in(fishing, prompt="none")

    new = [entry for entry in hub.entries() if entry["id"] not in already_there]
    assert [entry["kind"] for entry in new] == [
        "journey.started",
        "journey.session_used",
        "journey.completed",
        "token.issued",
        "attributes.released",
    ]
    assert len({entry["fields"]["journey"] for entry in new}) == 1


def test_failing_and_trying_again_is_told_step_by_step(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    failed = citizen.until_agreement(fishing.ask(), outcome="not-proved")
    picker = citizen.browser.submit(failed, "try-another")
    agreement = citizen.sign_in_there(citizen.choose(picker, "harbour"))
    citizen.decide(agreement, "refuse")

    assert kinds_of(hub, failed.reference) == [
        "journey.started",
        "journey.provider_chosen",
        "journey.identity_refused",
        "journey.reopened",
        "journey.provider_chosen",
        "journey.identity_received",
        "account.opened",
        "consent.shown",
        "consent.refused",
        "journey.ended",
    ]
    ended = hub.entries(failed.reference)[-1]["fields"]
    assert (ended["outcome"], ended["party"]) == ("refused_by_citizen", "citizen")


def test_a_as_01_what_was_asserted_and_what_counted_stand_side_by_side(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    page = citizen.until_agreement(fishing.ask(), outcome="lower-level")

    refused = hub.entries(page.reference)[-1]["fields"]
    assert (refused["asserted"], refused["effective"]) == ("urn:example:northgate:low", "low.medium")


def test_two_releases_of_one_person_commit_to_them_in_values_that_share_nothing(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    already_there = {entry["id"] for entry in hub.entries()}
    signed_in = citizen.sign_in(fishing)
    call("GET", f"{hub.issuer}/userinfo", bearer=signed_in.access_token)
    citizen.sign_in(fishing, prompt="none")

    new = [entry for entry in hub.entries() if entry["id"] not in already_there]
    commitments = [entry["fields"]["subject"] for entry in new if "subject" in entry["fields"]]

    assert len(commitments) == 7
    # Userinfo asked twice with one token tells of one release twice; every other one stands alone.
    assert len(set(commitments)) == 6
    assert len({entry["salt"] for entry in new}) == len(new)


def test_a_au_04_neither_journal_nor_log_holds_anything_of_a_person_or_any_secret(
    hub: RunningHub, fishing: RelyingService, archive: RelyingService
) -> None:
    for persona in ("welsh", "long-name", None):
        citizen = Citizen(hub, persona)
        secrets: list[str] = []
        for service in (fishing, archive):
            asked = service.ask(login_hint=str(citizen.person.claims["email"]), prompt="consent")
            landed = citizen.go_through(asked)
            signed_in = service.collect(hub.issuer, asked, code := service.code(hub.issuer, asked, landed))
            service.redeem(hub.issuer, asked, code)
            secrets += [code, signed_in.subject, signed_in.access_token, signed_in.id_token, service.secret]
            citizen.until_agreement(service.ask(prompt="login"), outcome="wrong-nonce")
            citizen.until_agreement(service.ask(prompt="login"), outcome="userinfo-other-subject")
        secrets += [value for jar in citizen.browser.cookies.values() for value in jar.values()]
        addresses = [page.url for page in citizen.browser.history if "/callback?" in page.url]
        secrets += [address.partition("code=")[2].partition("&")[0] for address in addresses]
        secrets += [address.partition("state=")[2].partition("&")[0] for address in addresses]

        for kept in (json.dumps(hub.entries(), ensure_ascii=False), hub.log):
            assert not citizen.tells_of_me(kept)
            assert [secret for secret in secrets if secret and secret in kept] == []


def test_a_au_05_what_services_send_cannot_break_an_entry_or_a_log_line(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    nasty = '\r\n{"kind":"forged"}\x1b[31m\u202e=cmd|\' /C calc\'!A0'
    lines = hub.log.count("\n")

    for name in ("scope", "prompt", "claims", "response_type", "client_id", "redirect_uri", nasty[:40]):
        citizen.visit(fishing.ask(**{name: nasty}))

    assert "forged" not in {entry["kind"] for entry in hub.entries()}
    assert "\x1b[31m" not in hub.log
    assert "\u202e" not in hub.log
    assert hub.log.count("\n") - lines <= 20
    assert not [line for line in hub.log.splitlines() if line.startswith('{"kind":"forged"')]
