"""What is refused for its size, by the headers alone."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from broker.bounds import LARGEST_BODY, excess


@pytest.mark.parametrize(
    ("length", "fault"),
    [
        ("", None),
        ("0", None),
        (str(LARGEST_BODY), None),
        (str(LARGEST_BODY + 1), HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ("9" * 5000, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ("-1", HTTPStatus.BAD_REQUEST),
        ("1_0", HTTPStatus.BAD_REQUEST),
    ],
)
def test_a_op_07_any_declared_length_is_judged_without_an_exception(
    length: str, fault: HTTPStatus | None
) -> None:
    assert excess({"CONTENT_LENGTH": length}) is fault
