"""One event is one entry in RFC 8785 form, whatever its fields hold (A-AU-04, A-AU-05)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.entry import MAX_ENTRY_BYTES, Commitment, canonical_bytes
from audit.errors import (
    EntryIdentityError,
    EntryTooLargeError,
    FieldTypeError,
    IntegerRangeError,
    TimeNotUtcError,
    UnknownKindError,
    UnsuitableTokenError,
)
from audit.fields import MAX_SAFE_INTEGER, TOKEN, is_token
from tests.audit.sample_events import Colour, Everything, Step, Undeclared

NOW = datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC)
ENTRY_ID = bytes(range(16))
SALT = bytes(range(16, 32))

EVERYTHING = Everything(
    token="fishing-licence",
    number=3,
    flag=True,
    moment=NOW,
    person=Commitment(bytes(32)),
    colour=Colour.PALE_BLUE,
    tokens=("name", "age_over_18"),
    colours=(Colour.RED,),
)

tokens = st.from_regex(TOKEN, fullmatch=True)
moments = st.datetimes(timezones=st.just(UTC))


def write(event: Everything | Step | Undeclared, at: datetime = NOW) -> bytes:
    return canonical_bytes(event, entry_id=ENTRY_ID, at=at, salt=SALT)


def write_with(**changes: object) -> bytes:
    # The types are the point: some tests hand in the wrong ones.
    return write(replace(EVERYTHING, **changes))  # type: ignore[arg-type]


def test_an_entry_is_these_bytes() -> None:
    assert write(EVERYTHING) == (
        b'{"at":"2026-11-22T09:00:00.123Z","fields":{"colour":"pale_blue","colours":["red"],"flag":true,'
        b'"moment":"2026-11-22T09:00:00.123Z","number":3,'
        b'"person":"0000000000000000000000000000000000000000000000000000000000000000",'
        b'"token":"fishing-licence","tokens":["name","age_over_18"]},"id":"000102030405060708090a0b0c0d0e0f",'
        b'"kind":"sample.everything","salt":"101112131415161718191a1b1c1d1e1f","v":1}'
    )


@given(
    st.builds(
        Everything,
        token=tokens,
        number=st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER),
        flag=st.booleans(),
        moment=moments,
        person=st.binary(min_size=32, max_size=32).map(Commitment),
        colour=st.sampled_from(Colour),
        tokens=st.lists(tokens, max_size=5).map(tuple),
        colours=st.lists(st.sampled_from(Colour), max_size=3).map(tuple),
        maybe=st.none() | tokens,
    ),
    moments,
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=16, max_size=16),
)
def test_every_entry_is_its_own_rfc_8785_form_in_printable_ascii(
    event: Everything, at: datetime, entry_id: bytes, salt: bytes
) -> None:
    body = canonical_bytes(event, entry_id=entry_id, at=at, salt=salt)

    assert rfc8785.dumps(json.loads(body)) == body
    assert all(0x20 < byte < 0x7F for byte in body)
    assert body == canonical_bytes(event, entry_id=entry_id, at=at, salt=salt)


@given(st.builds(Step, journey=tokens))
def test_an_entry_reads_back_to_the_same_kind_and_fields(event: Step) -> None:
    read = json.loads(write(event))

    assert read["kind"] == Step.kind
    assert read["fields"] == {"journey": event.journey}


@given(st.text())
def test_a_text_is_let_through_unchanged_or_refused(text: str) -> None:
    if is_token(text):
        assert json.loads(write(Step(journey=text)))["fields"] == {"journey": text}
    else:
        with pytest.raises(UnsuitableTokenError):
            write(Step(journey=text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "line\nbreak",
        "line\r",
        "trailing\n",
        "\x1b[2Jscreen",
        "nul\x00",
        '","kind":"forged',
        "back\\slash",
        "=1+1",
        "+441632960000",
        "-1",
        "@SUM(A1)",
        "\u202egnp.exe",
        "caf\u00e9",
        "\ud800",
        "\u0661\u0662",
        "<script>",
        "a" * 201,
    ],
)
def test_what_could_break_an_entry_is_refused_a_au_05(text: str) -> None:
    with pytest.raises(UnsuitableTokenError):
        write_with(token=text)
    with pytest.raises(UnsuitableTokenError):
        write_with(tokens=("name", text))


@pytest.mark.parametrize("text", ["Jane Doe", "jane@example.org", "1 High Street", "Llŷr", "SW1A 1AA"])
def test_personal_data_does_not_fit_and_the_refusal_does_not_repeat_it_a_au_04(text: str) -> None:
    with pytest.raises(UnsuitableTokenError) as refused:
        write_with(token=text)
    assert text not in refused.value.detail
    assert text not in str(refused.value)
    assert "sample.everything.token" in refused.value.detail


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("token", b"bytes"),
        ("token", Colour.RED),
        ("token", 3),
        ("token", None),
        ("number", True),
        ("number", 1.0),
        ("number", "3"),
        ("flag", 1),
        ("moment", "2026-11-22T09:00:00Z"),
        ("person", bytes(32)),
        ("person", "0" * 64),
        ("colour", "red"),
        ("tokens", ["name"]),
        ("tokens", "name"),
        ("tokens", (1,)),
        ("colours", ("red",)),
        ("maybe", {"any": "thing"}),
    ],
)
def test_a_field_holds_only_the_type_it_declares(field: str, value: object) -> None:
    with pytest.raises(FieldTypeError):
        write_with(**{field: value})


def test_an_absent_optional_field_is_left_out() -> None:
    assert "maybe" not in json.loads(write(EVERYTHING))["fields"]
    assert json.loads(write_with(maybe="here"))["fields"]["maybe"] == "here"


@pytest.mark.parametrize("number", [MAX_SAFE_INTEGER + 1, -MAX_SAFE_INTEGER - 1, 10**30])
def test_an_integer_that_readers_would_round_is_refused(number: int) -> None:
    assert json.loads(write_with(number=MAX_SAFE_INTEGER))["fields"]["number"] == MAX_SAFE_INTEGER
    with pytest.raises(IntegerRangeError):
        write_with(number=number)


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_a_time_outside_utc_is_refused(zone: timezone | None) -> None:
    with pytest.raises(TimeNotUtcError):
        write_with(moment=NOW.replace(tzinfo=zone))
    with pytest.raises(TimeNotUtcError):
        write(EVERYTHING, at=NOW.replace(tzinfo=zone))


def test_an_event_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownKindError):
        write(Undeclared(journey="1234-ABCD-5678"))


def test_an_entry_has_at_most_four_kibibytes() -> None:
    room = MAX_ENTRY_BYTES - len(write_with(tokens=()))
    # Each token of one character takes four bytes with quotes and comma, and the last has no comma.
    count, rest = divmod(room + 1, 4)
    full = ("a",) * (count - 1)

    assert len(write_with(tokens=(*full, "a" * (1 + rest)))) == MAX_ENTRY_BYTES
    with pytest.raises(EntryTooLargeError):
        write_with(tokens=(*full, "a" * (2 + rest)))


@pytest.mark.parametrize(("entry_id", "salt"), [(b"", SALT), (ENTRY_ID, b""), (ENTRY_ID, bytes(32))])
def test_an_entry_without_a_whole_id_and_salt_is_refused(entry_id: bytes, salt: bytes) -> None:
    with pytest.raises(EntryIdentityError):
        canonical_bytes(EVERYTHING, entry_id=entry_id, at=NOW, salt=salt)
