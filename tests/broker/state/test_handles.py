"""Handles: one canonical text each, unguessable, and nothing but a hash of them where they open something."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from broker.state.handles import Handle, HandleError, decode, encode

handles = st.builds(Handle, st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32))


@given(handles)
def test_a_handle_reads_back_from_its_text(handle: Handle) -> None:
    assert Handle.parse(str(handle)) == handle


@given(handles, st.integers(0, 65), st.characters())
def test_a_text_with_another_character_is_another_handle_or_none(
    handle: Handle, place: int, character: str
) -> None:
    text = str(handle)
    assume(text[place] != character)
    changed = text[:place] + character + text[place + 1 :]

    with contextlib.suppress(HandleError):
        assert Handle.parse(changed) != handle


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "A" * 66,
        "A" * 22 + "." + "A" * 42,
        "A" * 22 + "." + "A" * 44,
        "A" * 21 + "B." + "A" * 43,  # base64 bits that no byte has
        "A" * 22 + "." + "A" * 42 + "B",
        "+" * 22 + "." + "/" * 43,
        "\u00fc" * 22 + "." + "A" * 43,
        " " + "A" * 21 + "." + "A" * 43,
    ],
)
def test_nothing_but_the_canonical_text_is_a_handle(text: str) -> None:
    with pytest.raises(HandleError):
        Handle.parse(text)


@given(st.text(max_size=100))
def test_reading_any_text_gives_a_handle_of_that_text_or_an_error(text: str) -> None:
    with contextlib.suppress(HandleError):
        assert str(Handle.parse(text)) == text


def test_new_handles_are_all_different() -> None:
    made = {str(Handle.new()) for _ in range(1000)}

    assert len(made) == 1000


def test_the_store_sees_only_a_hash_of_the_id() -> None:
    handle = Handle.new()

    assert handle.key == hashlib.sha256(handle.id).digest()
    assert handle.secret not in handle.key


def test_a_handle_never_shows_its_secret_by_accident() -> None:
    handle = Handle.new()

    for shown in (repr(handle), f"{handle!r}", repr([handle])):
        assert encode(handle.secret) not in shown
        assert encode(handle.id) not in shown
        assert handle.secret.hex() not in shown


@given(handles)
def test_what_is_derived_is_the_same_each_time_and_different_for_each_purpose(handle: Handle) -> None:
    assert handle.derived("code") == handle.derived("code")
    assert handle.derived("code") != handle.derived("other")
    assert handle.derived("code").id != handle.id
    assert handle.token("form") != handle.token("other")


@given(handles, handles)
def test_a_form_token_belongs_to_one_handle_and_one_purpose(handle: Handle, other: Handle) -> None:
    assume(handle.secret != other.secret)
    token = handle.token("form")

    assert handle.token_matches("form", token)
    assert not handle.token_matches("else", token)
    assert not other.token_matches("form", token)
    assert not handle.token_matches("form", "")
    assert not handle.token_matches("form", token + "\u00fc")


@given(st.binary(max_size=80))
def test_base64url_reads_back_and_has_no_padding(value: bytes) -> None:
    assert decode(encode(value)) == value
    assert set(encode(value)).isdisjoint("+/=")
