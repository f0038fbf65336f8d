"""Parameters: every name once, decoded one way only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.oidc.errors import UnreadableParametersError
from broker.oidc.parameters import FORM, LARGEST_REQUEST, LONGEST_VALUE, ParameterFault, parse_parameters


def test_query_and_body_are_read_as_one() -> None:
    parameters = parse_parameters(b"state=a+b%C3%A9", b"client_id=c", FORM)
    assert dict(parameters.values) == {"state": "a bé", "client_id": "c"}
    assert parameters.in_query == {"state"}
    assert not parameters.faults


def test_an_empty_value_counts_as_absent() -> None:
    parameters = parse_parameters(b"state=&nonce&scope=openid", None, None)
    assert parameters.get("state") is None
    assert parameters.get("nonce") is None
    assert "scope" in parameters


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (b"state=a&state=b", None),
        (b"state=a", b"state=a"),
        (b"state=&state=b", None),
        (b"state=a&st%61te=b", None),
    ],
)
def test_a_az_05_a_repeated_parameter_has_no_value(query: bytes, body: bytes | None) -> None:
    parameters = parse_parameters(query, body, FORM)
    assert parameters.get("state") is None
    assert parameters.faults == {"state": ParameterFault.REPEATED}


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (b"%zz", ParameterFault.WRONGLY_ENCODED),
        (b"%ff", ParameterFault.WRONGLY_ENCODED),
        (b"%ed%a0%80", ParameterFault.WRONGLY_ENCODED),
        (b"%00", ParameterFault.CONTROL_CHARACTER),
        (b"a%0d%0ab", ParameterFault.CONTROL_CHARACTER),
        (b"%c2%85", ParameterFault.CONTROL_CHARACTER),
        (b"a" * (LONGEST_VALUE + 1), ParameterFault.TOO_LONG),
    ],
)
def test_a_faulty_value_is_kept_as_a_fault_only(value: bytes, fault: ParameterFault) -> None:
    parameters = parse_parameters(b"state=" + value, None, None)
    assert parameters.faults == {"state": fault}
    assert parameters.get("state") is None


def test_a_name_that_cannot_be_written_down_is_a_nameless_fault() -> None:
    assert parse_parameters(b"%ff=1", None, None).faults == {"": ParameterFault.WRONGLY_ENCODED}
    assert parse_parameters(b"n" * 101 + b"=1", None, None).faults == {"": ParameterFault.TOO_LONG}


@pytest.mark.parametrize(
    ("query", "body", "content_type"),
    [
        (b"a=" + b"b" * LARGEST_REQUEST, None, None),
        (b"&".join(b"p%d=1" % number for number in range(101)), None, None),
        (b"", b"a=1", "application/json"),
        (b"", b"a=1", None),
        (b"", b"a=1", FORM + "; charset=utf-16"),
    ],
)
def test_what_cannot_be_taken_apart_is_refused_as_a_whole(
    query: bytes, body: bytes | None, content_type: str | None
) -> None:
    with pytest.raises(UnreadableParametersError):
        parse_parameters(query, body, content_type)


@pytest.mark.parametrize(
    "content_type", [FORM, FORM + ";charset=UTF-8", FORM.upper(), FORM + '; charset="utf-8"']
)
def test_the_usual_ways_to_say_form_are_understood(content_type: str) -> None:
    assert parse_parameters(b"", b"a=1", content_type).get("a") == "1"


@given(
    st.binary(max_size=400),
    st.none() | st.binary(max_size=400),
    st.none() | st.text(max_size=40) | st.just(FORM),
)
def test_any_bytes_are_read_or_refused_with_our_own_error(
    query: bytes, body: bytes | None, content_type: str | None
) -> None:
    try:
        parameters = parse_parameters(query, body, content_type)
    except UnreadableParametersError:
        return
    assert not parameters.values.keys() & parameters.faults.keys()
    assert all(value for value in parameters.values.values())
