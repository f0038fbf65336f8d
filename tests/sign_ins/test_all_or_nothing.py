"""A fact and its audit entry are saved together or not at all, whichever of the two cannot be written (A-AU-03).

A broken trigger makes every write to one table fail, as a full disk would; the hub knows nothing of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.citizen import Citizen
from tests.relying_service import RelyingService, call
from tests.running_hub import RunningHub, running_hub
from tests.stolen_database.loot import rows_of
from tests.web_browser import Page

TABLES = ("journal", "envelopes")


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory, fishing: RelyingService) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("fragile"), services=[fishing.entry()]) as hub:
        yield hub


@contextmanager
def refusing(hub: RunningHub, table: str) -> Iterator[None]:
    """Let no row be inserted or changed in a table."""
    connection = sqlite3.connect(hub.database, timeout=10, isolation_level=None)
    operations = ("INSERT", "UPDATE")
    try:
        for operation in operations:
            connection.execute(
                f"CREATE TRIGGER refuse_{operation} BEFORE {operation} ON {table} "
                "BEGIN SELECT json('{'); END"
            )
        yield
    finally:
        for operation in operations:
            connection.execute(f"DROP TRIGGER IF EXISTS refuse_{operation}")
        connection.close()


def assert_failed(page: Page) -> None:
    assert page.status == 503
    assert page.outcome == ("hub_error", "hub")
    assert "?code=" not in page.text
    assert "malformed" not in page.text


@pytest.mark.parametrize("table", TABLES)
def test_a_au_03_a_journey_that_cannot_be_journalled_does_not_begin(
    fragile: RunningHub, fishing: RelyingService, table: str
) -> None:
    citizen, before = Citizen(fragile), rows_of(fragile)

    with refusing(fragile, table):
        page = citizen.visit(fishing.ask())

    assert_failed(page)
    assert rows_of(fragile) == before
    assert "choose-provider" in citizen.visit(fishing.ask()).forms


@pytest.mark.parametrize("table", TABLES)
def test_a_au_03_a_departure_that_cannot_be_journalled_does_not_happen(
    fragile: RunningHub, fishing: RelyingService, table: str
) -> None:
    citizen = Citizen(fragile)
    picker, before = citizen.visit(fishing.ask()), rows_of(fragile)

    with refusing(fragile, table):
        page = citizen.choose(picker)

    assert_failed(page)
    assert page.reference == picker.reference
    assert rows_of(fragile) == before
    assert "sign-in" in citizen.choose(picker).forms


@pytest.mark.parametrize("table", [*TABLES, "provider_links", "account_slots"])
def test_a_au_03_an_identity_that_cannot_be_journalled_opens_no_account(
    fragile: RunningHub, fishing: RelyingService, table: str
) -> None:
    citizen = Citizen(fragile)
    asked = fishing.ask()
    picker = citizen.visit(asked)
    at_provider, before = citizen.choose(picker), rows_of(fragile)

    with refusing(fragile, table):
        page = citizen.sign_in_there(at_provider)

    assert_failed(page)
    # At most the journey's own lease was taken, in the transaction before the provider was called.
    assert {dict(row)["table"] for row in rows_of(fragile) ^ before} <= {"envelopes"}
    landed = citizen.decide(citizen.sign_in_there(citizen.choose(picker, "harbour")))
    fishing.finish(fragile.issuer, asked, landed)


@pytest.mark.parametrize("table", [*TABLES, "consent_heads", "consent_events", "grants"])
def test_a_au_03_an_agreement_that_cannot_be_journalled_gives_no_code(
    fragile: RunningHub, fishing: RelyingService, table: str
) -> None:
    citizen = Citizen(fragile)
    asked = fishing.ask()
    agreement, before = citizen.until_agreement(asked), rows_of(fragile)

    with refusing(fragile, table):
        page = citizen.decide(agreement)

    assert_failed(page)
    assert rows_of(fragile) == before
    fishing.finish(fragile.issuer, asked, citizen.decide(agreement))


@pytest.mark.parametrize("table", [*TABLES, "grants", "single_use_marks"])
def test_a_au_03_a_redemption_that_cannot_be_journalled_gives_no_token_and_spends_nothing(
    fragile: RunningHub, fishing: RelyingService, table: str
) -> None:
    citizen = Citizen(fragile)
    asked = fishing.ask()
    code = fishing.code(fragile.issuer, asked, citizen.go_through(asked))
    before = rows_of(fragile)

    with refusing(fragile, table):
        answer = fishing.redeem(fragile.issuer, asked, code)

    assert (answer.status, answer.body) == (503, {"error": "temporarily_unavailable"})
    assert rows_of(fragile) == before
    fishing.collect(fragile.issuer, asked, code)


def test_a_au_03_attributes_whose_release_cannot_be_journalled_stay_here(
    fragile: RunningHub, fishing: RelyingService
) -> None:
    citizen = Citizen(fragile)
    signed_in = citizen.sign_in(fishing)

    with refusing(fragile, "journal"):
        answer = call("GET", f"{fragile.issuer}/userinfo", bearer=signed_in.access_token)

    assert answer.status == 503
    assert not citizen.tells_of_me(answer.text)
    again = call("GET", f"{fragile.issuer}/userinfo", bearer=signed_in.access_token)
    assert again.body == signed_in.userinfo
