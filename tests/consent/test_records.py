"""Whoever holds only the database reads nothing, and a row out of its place does not open."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import insert, select, update

from broker.database import Database
from consent.errors import RecordFormatError
from consent.model import ConsentState, ConsentTerms
from consent.records import find, history, release_state
from consent.tables import consent_events, consent_heads
from consent.tables import metadata as consent_metadata
from tests.consent.builders import (
    BOX,
    CONSENT_ID,
    JOURNEY,
    NAME,
    NOW,
    POSTCODE,
    Box,
    agree,
    an_attribute,
    take_back,
    terms,
)

OFFERED = terms(NAME, POSTCODE)


def forms_of(value: str) -> set[bytes]:
    """A value as it might be stored: raw, hexadecimal, base64, plainly hashed."""
    raw = value.encode()
    digest = hashlib.sha256(raw)
    found = {raw, raw.hex().encode(), digest.digest(), digest.hexdigest().encode()}
    for encoded in (raw, digest.digest()):
        found |= {base64.b64encode(encoded).rstrip(b"="), base64.urlsafe_b64encode(encoded).rstrip(b"=")}
    return found


def stored_values(database: Database) -> list[bytes]:
    with database.reading() as connection:
        rows = [*connection.execute(select(consent_heads)), *connection.execute(select(consent_events))]
    return [value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row]


def test_nothing_of_a_decision_is_readable_in_the_consent_tables(database: Database) -> None:
    with database.transaction() as connection:
        made = agree(connection, None, OFFERED, ("name",))
        take_back(connection, agree(connection, made, terms(an_attribute("email")), ("email",)))

    stored = stored_values(database)
    secrets_of_the_person = [
        *("fishing-licence", "name", "postcode_area", "email", JOURNEY, "northgate", "en", "medium.medium"),
        *("public_task", "2026-11-1", OFFERED.notice_digest, OFFERED.request_digest, NAME.purpose_digest),
        *(NOW.isoformat(), NOW.date().isoformat(), str(int(NOW.timestamp())), made.records[0].entry_id),
    ]
    for secret in secrets_of_the_person:
        for form in forms_of(secret):
            # Two letters occur in any random bytes; everything else does not by chance.
            if len(form) > 3:
                assert not any(form in value for value in stored), secret


def test_the_files_hold_nothing_readable_of_a_consent_row(tmp_path: Path) -> None:
    consent_only = Database(f"sqlite:///{tmp_path}/consent.db")
    consent_metadata.create_all(consent_only.engine)
    with consent_only.transaction() as connection:
        columns = consent_heads.columns.keys()
        sealed = BOX.seal(b"fishing-licence", b"")
        row = (CONSENT_ID, "granted", 1, 0, 202911, sealed)
        connection.execute(insert(consent_heads), dict(zip(columns, row, strict=True)))
    consent_only.close()
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert sealed in files
    assert b"fishing-licence" not in files


def test_rows_of_one_person_at_two_services_share_no_value_but_states_counts_and_months(
    database: Database,
) -> None:
    # Quite unlike services: one attribute or six, short names or long.
    library = terms(NAME, service="library-card")
    licence = terms(*(an_attribute(f"attribute_{number}") for number in range(6)), service="fishing-licence")
    with database.transaction() as connection:
        for number, offered in enumerate((library, licence)):
            box = Box(bytes([number]) * 32)
            made = agree(connection, None, offered, offered.names, consent_id=bytes([number]) * 16, box=box)
            take_back(connection, made, consent_id=bytes([number]) * 16, box=box)
        shared_columns = {"state", "sequence", "floor", "expiry_month"}
        for table in (consent_heads, consent_events):
            columns = [column for column in table.columns if column.name not in shared_columns]
            rows = connection.execute(select(*columns)).all()
            values = [value for row in rows if row[0] == bytes(16) for value in row]
            others = [value for row in rows if row[0] != bytes(16) for value in row]
            assert values
            assert not set(values) & set(others)
            assert {len(value) for value in values} == {len(value) for value in others}


@pytest.mark.parametrize(
    "change",
    [{"state": "refused"}, {"sequence": 9}, {"floor": 1}, {"sealed": b"\x00" * 600}],
    ids=["state", "sequence", "floor", "sealed"],
)
def test_a_head_changed_in_the_database_does_not_open(database: Database, change: dict[str, object]) -> None:
    with database.transaction() as connection:
        agree(connection, None, OFFERED, ("name",))
        connection.execute(update(consent_heads).values(**change))
        with pytest.raises(InvalidTag):
            find(connection, CONSENT_ID, BOX)


def test_a_row_does_not_open_under_another_id_table_or_key(database: Database) -> None:
    other = b"\xff" * 16
    with database.transaction() as connection:
        agree(connection, None, OFFERED, ("name",))
        head = connection.execute(select(consent_heads)).one()._asdict()
        event = connection.execute(select(consent_events)).one()._asdict()
        connection.execute(insert(consent_heads), {**head, "consent_id": other})
        connection.execute(insert(consent_events), {**event, "consent_id": other})
        with pytest.raises(InvalidTag):
            find(connection, other, BOX)
        with pytest.raises(InvalidTag):
            history(connection, other, BOX)
        with pytest.raises(InvalidTag):
            find(connection, CONSENT_ID, replace(BOX, key=b"\x01" * 32))
        connection.execute(update(consent_events).values(sealed=head["sealed"]))
        with pytest.raises(InvalidTag):
            history(connection, CONSENT_ID, BOX)


def test_an_event_does_not_open_at_another_place_in_the_order(database: Database) -> None:
    with database.transaction() as connection:
        agree(connection, None, OFFERED, ("name",))
        connection.execute(update(consent_events).values(sequence=2))
        with pytest.raises(InvalidTag):
            history(connection, CONSENT_ID, BOX)


def test_an_unknown_state_is_refused_by_name(database: Database) -> None:
    with database.transaction() as connection:
        agree(connection, None, OFFERED, ("name",))
        connection.execute(update(consent_heads).values(state="GRANTED"))
        with pytest.raises(RecordFormatError):
            release_state(connection, CONSENT_ID)
        with pytest.raises(RecordFormatError):
            find(connection, CONSENT_ID, BOX)


def test_what_was_never_decided_is_not_found(database: Database) -> None:
    with database.transaction() as connection:
        assert find(connection, CONSENT_ID, BOX) is None
        assert find(connection, CONSENT_ID, BOX, for_update=True) is None
        assert history(connection, CONSENT_ID, BOX) == ()


def test_consents_of_two_people_do_not_meet(database: Database) -> None:
    def decided(consent_id: bytes, offered: ConsentTerms) -> None:
        made = agree(connection, None, offered, offered.names, consent_id=consent_id)
        assert find(connection, consent_id, BOX) == made

    with database.transaction() as connection:
        decided(b"one", terms(NAME))
        decided(b"two", terms(POSTCODE))
        state = release_state(connection, b"one")
    assert state is not None
    assert state.state is ConsentState.GRANTED


def test_no_other_column_stands_in_clear() -> None:
    assert {name: table.columns.keys() for name, table in consent_metadata.tables.items()} == {
        "consent_heads": ["consent_id", "state", "sequence", "floor", "expiry_month", "sealed"],
        "consent_events": ["consent_id", "sequence", "expiry_month", "sealed"],
    }
