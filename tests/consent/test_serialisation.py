"""Records read back exactly as written, and anything else is refused."""

from __future__ import annotations

import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import RecordFormatError
from consent.model import AttributeTerms, ConsentEvent, ConsentRecord, ConsentTerms, EventKind
from consent.serialisation import BLOCK_BYTES, event_bytes, head_bytes, parse_event, parse_head
from tests.consent.builders import JOURNEY, NAME, NOW, POSTCODE, a_record, an_attribute, terms

digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
moments = st.datetimes(timezones=st.just(UTC))
names = st.text(max_size=20)
all_terms = st.builds(
    ConsentTerms,
    service=names,
    notice_digest=digests,
    notice_version=names,
    language=names,
    attributes=st.lists(
        st.builds(AttributeTerms, name=names, purpose_digest=digests, required=st.booleans()),
        unique_by=lambda attribute: attribute.name,
        max_size=4,
    ).map(tuple),
    level=names,
    lawful_basis=names,
    request_digest=digests,
    provider=st.none() | names,
)
shared = st.lists(names, max_size=4).map(tuple)
records = st.lists(
    st.builds(
        ConsentRecord,
        terms=all_terms,
        shared=shared,
        decided_at=moments,
        sequence=st.integers(1),
        entry_id=names,
    ),
    max_size=3,
).map(tuple)
events = st.builds(
    ConsentEvent,
    kind=st.sampled_from(EventKind),
    sequence=st.integers(1),
    at=moments,
    journey=names,
    entry_id=names,
    salt=st.binary(),
    terms=st.none() | all_terms,
    shared=shared,
)

HEAD = head_bytes([a_record(terms(NAME, POSTCODE), ("name",))])
EVENT = event_bytes(
    ConsentEvent(
        kind=EventKind.AGREED,
        sequence=1,
        at=NOW,
        journey=JOURNEY,
        entry_id="0" * 32,
        salt=bytes(16),
        terms=terms(NAME, POSTCODE),
        shared=("name",),
    )
)


@given(records)
def test_a_head_reads_back_as_written(written: tuple[ConsentRecord, ...]) -> None:
    plaintext = head_bytes(written)
    assert parse_head(plaintext) == written
    assert len(plaintext) % BLOCK_BYTES == 0


@given(events)
def test_an_event_reads_back_as_written(written: ConsentEvent) -> None:
    plaintext = event_bytes(written)
    assert parse_event(plaintext) == written
    assert len(plaintext) % BLOCK_BYTES == 0


def test_a_decision_takes_one_block_whether_it_is_about_one_attribute_or_six() -> None:
    six = terms(*(an_attribute(f"an_attribute_{number}") for number in range(6)))
    for offered in (terms(), terms(NAME), six):
        assert len(head_bytes([a_record(offered, offered.names)])) == BLOCK_BYTES


@given(st.binary())
def test_bytes_that_are_no_record_are_refused(plaintext: bytes) -> None:
    with pytest.raises(RecordFormatError):
        parse_head(plaintext)
    with pytest.raises(RecordFormatError):
        parse_event(plaintext)


WRONG_VALUES: tuple[object, ...] = (
    None,
    True,
    1.5,
    -1e40,
    "",
    "?",
    "Aw=",
    [],
    [[]],
    ["name", 1, 1],
    {},
    {"service": 1},
    10**40,
)


def places_in(document: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a JSON document."""
    found = [path]
    if isinstance(document, dict):
        return found + [place for key, value in document.items() for place in places_in(value, (*path, key))]
    if isinstance(document, list):
        return found + [
            place for key, value in enumerate(document) for place in places_in(value, (*path, key))
        ]
    return found


def changed(plaintext: bytes, path: tuple[str | int, ...], value: object) -> bytes:
    document = {"": json.loads(plaintext)}
    at = document
    for step in ("", *path)[:-1]:
        at = at[step]  # type: ignore[index]
    at[("", *path)[-1]] = value  # type: ignore[index]
    return json.dumps(document[""]).encode()


@pytest.mark.parametrize("path", places_in(json.loads(EVENT)), ids=str)
def test_an_event_with_a_wrong_value_anywhere_is_refused_or_read_as_it_stands(
    path: tuple[str | int, ...],
) -> None:
    for value in WRONG_VALUES:
        plaintext = changed(EVENT, path, value)
        try:
            read = parse_event(plaintext)
        except RecordFormatError:
            continue
        assert json.loads(event_bytes(read)) == json.loads(plaintext)


@pytest.mark.parametrize("path", places_in(json.loads(HEAD)), ids=str)
def test_a_head_with_a_wrong_value_anywhere_is_refused_or_read_as_it_stands(
    path: tuple[str | int, ...],
) -> None:
    for value in WRONG_VALUES:
        plaintext = changed(HEAD, path, value)
        try:
            read = parse_head(plaintext)
        except RecordFormatError:
            continue
        assert json.loads(head_bytes(read)) == json.loads(plaintext)


@pytest.mark.parametrize("plaintext", [HEAD, EVENT], ids=["head", "event"])
def test_a_missing_or_foreign_key_or_another_version_is_refused(plaintext: bytes) -> None:
    document = json.loads(plaintext)
    parse = parse_head if plaintext is HEAD else parse_event
    for wrong in (
        {key: value for key, value in document.items() if key != "v"},
        {**document, "more": 1},
        {**document, "v": 2},
        {**document, "v": True},
    ):
        with pytest.raises(RecordFormatError):
            parse(json.dumps(wrong).encode())
