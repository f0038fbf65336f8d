"""A withdrawal that commits first stops every release, and happens once."""

from __future__ import annotations

import json
import threading

import pytest

from audit import journal
from audit.entry import Commitment
from broker.database import Database
from consent.errors import ConsentConflictError, NothingToWithdrawError
from consent.model import ConsentState, EventKind, ReleaseState
from consent.records import find, history, release_state
from consent.standing import may_release
from tests.consent.builders import (
    BOX,
    CONSENT_ID,
    JOURNEY,
    NAME,
    POSTCODE,
    agree,
    take_back,
    terms,
)

OFFERED = terms(NAME, POSTCODE)


def test_a_withdrawal_leaves_nothing_to_release(database: Database) -> None:
    with database.transaction() as connection:
        made = agree(connection, None, OFFERED, ("name",))
        assert may_release(release_state(connection, CONSENT_ID), made.sequence)
    with database.transaction() as connection:
        withdrawn = take_back(connection, made)
        assert find(connection, CONSENT_ID, BOX) == withdrawn
        assert release_state(connection, CONSENT_ID) == ReleaseState(state=ConsentState.WITHDRAWN, floor=2)
        assert not may_release(release_state(connection, CONSENT_ID), made.sequence)
    assert withdrawn.records == ()


def test_a_withdrawal_is_an_event_and_an_audit_entry(database: Database) -> None:
    with database.transaction() as connection:
        take_back(connection, agree(connection, None, OFFERED, ("name",)))
        _, event = history(connection, CONSENT_ID, BOX)
        _, row = journal.read(connection)

    assert (event.kind, event.sequence, event.terms, event.shared) == (EventKind.WITHDRAWN, 2, None, ())
    entry = json.loads(row.body)
    assert (entry["kind"], entry["id"]) == ("consent.withdrawn", event.entry_id)
    assert entry["fields"] == {
        "journey": JOURNEY,
        "service": "fishing-licence",
        "consent": Commitment.salted(CONSENT_ID, event.salt).wire,
    }


def test_a_second_click_withdraws_nothing_and_writes_nothing(database: Database) -> None:
    with database.transaction() as connection:
        withdrawn = take_back(connection, agree(connection, None, OFFERED, ("name",)))
        with pytest.raises(NothingToWithdrawError):
            take_back(connection, withdrawn)
        assert len(history(connection, CONSENT_ID, BOX)) == len(journal.read(connection)) == 2


def test_a_withdrawal_on_an_old_state_conflicts(database: Database) -> None:
    with database.transaction() as connection:
        made = agree(connection, None, OFFERED, ("name",))
        agree(connection, made, OFFERED, ("name", "postcode_area"))
    with pytest.raises(ConsentConflictError), database.transaction() as connection:
        take_back(connection, made)


def test_agreeing_again_after_a_withdrawal_releases_to_new_tokens_only(database: Database) -> None:
    with database.transaction() as connection:
        first = agree(connection, None, OFFERED, ("name",))
        again = agree(connection, take_back(connection, first), OFFERED, ("name",))
        state = release_state(connection, CONSENT_ID)
    assert not may_release(state, first.sequence)
    assert may_release(state, again.sequence)


def test_sharing_less_stops_older_tokens(database: Database) -> None:
    with database.transaction() as connection:
        wide = agree(connection, None, OFFERED, ("name", "postcode_area"))
        narrow = agree(connection, wide, OFFERED, ("name",))
        state = release_state(connection, CONSENT_ID)
    assert not may_release(state, wide.sequence)
    assert may_release(state, narrow.sequence)


def test_an_unknown_consent_releases_nothing_a_co_01(database: Database) -> None:
    with database.transaction() as connection:
        assert release_state(connection, b"unknown") is None


def test_a_release_that_starts_during_a_withdrawal_waits_and_sees_it(database: Database) -> None:
    with database.transaction() as connection:
        made = agree(connection, None, OFFERED, ("name",))
    asked = threading.Event()
    allowed: list[bool] = []

    def release() -> None:
        asked.set()
        with database.transaction() as connection:
            allowed.append(may_release(release_state(connection, CONSENT_ID), made.sequence))

    releasing = threading.Thread(target=release)
    with database.transaction() as connection:
        take_back(connection, made)
        releasing.start()
        asked.wait()
        releasing.join(timeout=0.2)
        assert allowed == []
    releasing.join(timeout=10)
    assert allowed == [False]


def test_a_withdrawal_that_is_rolled_back_stops_nothing(database: Database) -> None:
    with database.transaction() as connection:
        made = agree(connection, None, OFFERED, ("name",))
    with database.transaction() as connection:
        take_back(connection, made)
        connection.rollback()
    with database.transaction() as connection:
        assert may_release(release_state(connection, CONSENT_ID), made.sequence)
