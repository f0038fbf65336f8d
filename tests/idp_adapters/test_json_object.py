from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp_adapters.errors import UntrustedAnswerError
from idp_adapters.json_object import read_json_object

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
nested = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(st.text(max_size=10), nested, max_size=5)


@settings(deadline=None)
@given(objects)
def test_an_object_is_read_as_it_was_written(value: dict[str, Any]) -> None:
    assert read_json_object(json.dumps(value).encode(), what="it") == value


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        value = read_json_object(body, what="it")
    except UntrustedAnswerError:
        return
    assert isinstance(value, dict)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b"{} {}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 1, "a": 1}',
        b'{"b": {"a": 1, "a": 2}}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-32"),
        b'{"a": "\xe9"}',
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"a": ' + b"1" * 10_000 + b"}",
    ],
    ids=range(19),
)
def test_a_op_07_what_is_not_one_plain_object_is_refused(body: bytes) -> None:
    with pytest.raises(UntrustedAnswerError, match="the answer"):
        read_json_object(body, what="the answer")
