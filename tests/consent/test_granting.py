"""A decision, its event and its audit entry are saved together, against the state that the person saw."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from audit import journal
from audit.entry import Commitment
from audit.errors import TimeNotUtcError
from broker.database import Database
from consent.errors import ConsentConflictError, RequiredNotSharedError, SharedNotOfferedError
from consent.granting import record_shown, shown_event
from consent.model import ConsentState, EventKind
from consent.records import find, history
from consent.tables import consent_events, consent_heads
from tests.consent.builders import (
    BOX,
    CONSENT_ID,
    JOURNEY,
    NAME,
    NOW,
    OVER_18,
    POSTCODE,
    agree,
    refuse,
    terms,
)

OFFERED = terms(NAME, POSTCODE)


def entries(database: Database) -> list[dict[str, object]]:
    with database.reading() as connection:
        return [json.loads(row.body) for row in journal.read(connection)]


def test_an_agreement_is_found_again_as_it_was_made(database: Database) -> None:
    with database.transaction() as connection:
        made = agree(connection, None, OFFERED, ("name",))
    with database.reading() as connection:
        found = find(connection, CONSENT_ID, BOX)

    assert found == made
    (record,) = made.records
    assert (record.terms, record.shared, record.decided_at) == (OFFERED, ("name",), NOW)
    assert (made.state, made.sequence, made.floor) == (ConsentState.GRANTED, 1, 0)


def test_an_agreement_is_journalled_with_what_was_shown_and_chosen(database: Database) -> None:
    with database.transaction() as connection:
        made = agree(connection, None, OFFERED, ("name",))
        (event,) = history(connection, CONSENT_ID, BOX)

    (entry,) = entries(database)
    assert entry["kind"] == "consent.agreed"
    assert entry["id"] == made.records[0].entry_id == event.entry_id
    assert entry["fields"] == {
        "journey": JOURNEY,
        "service": "fishing-licence",
        "consent": Commitment.salted(CONSENT_ID, event.salt).wire,
        "attributes": ["name", "postcode_area"],
        "shared": ["name"],
        "notice_digest": OFFERED.notice_digest,
        "notice_version": "2026-11-1",
        "language": "en",
        "level": "medium.medium",
        "lawful_basis": "public_task",
        "request_digest": OFFERED.request_digest,
    }


def test_two_entries_about_one_consent_show_no_common_commitment(database: Database) -> None:
    with database.transaction() as connection:
        first = agree(connection, None, OFFERED, ("name",))
        agree(connection, first, OFFERED, ("name",))

    fields = [entry["fields"] for entry in entries(database)]
    assert len({each["consent"] for each in fields if isinstance(each, dict)}) == 2


def test_a_refusal_is_recorded_and_journalled_a_co_05(database: Database) -> None:
    with database.transaction() as connection:
        refused = refuse(connection, None, OFFERED)
        assert find(connection, CONSENT_ID, BOX) == refused
        (event,) = history(connection, CONSENT_ID, BOX)

    assert refused.state is ConsentState.REFUSED
    assert (event.kind, event.terms, event.shared) == (EventKind.REFUSED, OFFERED, ())
    (entry,) = entries(database)
    assert entry["kind"] == "consent.refused"
    assert isinstance(entry["fields"], dict)
    assert "shared" not in entry["fields"]


def test_refusing_an_extension_leaves_the_earlier_agreement_standing(database: Database) -> None:
    with database.transaction() as connection:
        made = agree(connection, None, OFFERED, ("name",))
        refuse(connection, made, terms(OVER_18))
        found = find(connection, CONSENT_ID, BOX)

    assert found is not None
    assert (found.state, found.records, found.sequence) == (ConsentState.GRANTED, made.records, 2)


def test_every_decision_adds_an_event_and_changes_none(database: Database) -> None:
    with database.transaction() as connection:
        first = agree(connection, None, OFFERED, ("name",))
        rows = connection.execute(select(consent_events)).all()
        second = refuse(connection, first, terms(OVER_18))
        agree(connection, second, terms(OVER_18), ("age_over_18",), at=NOW + timedelta(days=1))
        later = connection.execute(select(consent_events).order_by(consent_events.c.sequence)).all()
        events = history(connection, CONSENT_ID, BOX)

    assert list(later[:1]) == list(rows)
    assert [(event.sequence, event.kind) for event in events] == [
        (1, EventKind.AGREED),
        (2, EventKind.REFUSED),
        (3, EventKind.AGREED),
    ]
    assert [event.shared for event in events] == [("name",), (), ("age_over_18",)]
    assert [event.journey for event in events] == [JOURNEY] * 3


def test_a_decision_beyond_what_was_offered_writes_nothing_a_co_03(database: Database) -> None:
    with database.transaction() as connection:
        with pytest.raises(SharedNotOfferedError):
            agree(connection, None, OFFERED, ("name", "birthdate"))
        with pytest.raises(RequiredNotSharedError):
            agree(connection, None, OFFERED, ())
        with pytest.raises(TimeNotUtcError):
            agree(connection, None, OFFERED, ("name",), at=NOW.replace(tzinfo=None))
        assert find(connection, CONSENT_ID, BOX) is None
        assert journal.read(connection) == ()


def test_of_two_decisions_on_the_same_state_the_second_conflicts_and_leaves_nothing(
    database: Database,
) -> None:
    with database.transaction() as connection:
        first = agree(connection, None, OFFERED, ("name",))
    with database.transaction() as connection:
        second = agree(connection, first, OFFERED, ("name", "postcode_area"))

    for stale in (None, first):
        with pytest.raises(ConsentConflictError), database.transaction() as connection:
            refuse(connection, stale, OFFERED)

    with database.reading() as connection:
        assert find(connection, CONSENT_ID, BOX) == second
        assert len(history(connection, CONSENT_ID, BOX)) == 2
    assert len(entries(database)) == 2


def test_of_many_first_decisions_at_once_exactly_one_is_recorded(database: Database) -> None:
    def decide(_: int) -> bool:
        try:
            with database.transaction() as connection:
                agree(connection, None, OFFERED, ("name",))
        except ConsentConflictError:
            return False
        return True

    with ThreadPoolExecutor(max_workers=8) as people:
        outcomes = list(people.map(decide, range(8)))

    assert outcomes.count(True) == 1
    assert len(entries(database)) == 1


def test_decisions_that_look_first_never_conflict(database: Database) -> None:
    def decide(_: int) -> int:
        with database.transaction() as connection:
            standing = find(connection, CONSENT_ID, BOX, for_update=True)
            return agree(connection, standing, OFFERED, ("name",)).sequence

    with database.transaction() as connection:
        agree(connection, None, OFFERED, ("name",))
    with ThreadPoolExecutor(max_workers=8) as people:
        assert sorted(people.map(decide, range(8))) == list(range(2, 10))


def test_looking_leaves_a_journal_entry_and_nothing_of_the_person(database: Database) -> None:
    with database.transaction() as connection:
        entry_id = record_shown(connection, terms=OFFERED, at=NOW, journey=JOURNEY)
        assert connection.execute(select(consent_heads)).all() == []
        assert connection.execute(select(consent_events)).all() == []

    (entry,) = entries(database)
    assert (entry["id"], entry["kind"]) == (entry_id, "consent.shown")
    assert isinstance(entry["fields"], dict)
    assert "consent" not in entry["fields"]
    assert shown_event(OFFERED, JOURNEY).attributes == ("name", "postcode_area")
