from __future__ import annotations

import pwd

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.fields import is_token
from broker.cli.operator import system_user, token_of
from tests.broker.cli.countersign import Operator


@given(st.text(max_size=300))
def test_an_operators_name_is_a_token_of_the_journal_or_nothing(name: str) -> None:
    token = token_of(name)
    assert token == "" or is_token(token)


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("sam", "sam"),
        ("jane.doe@example.gov", "jane.doe-example.gov"),
        ("  Jane  Doe ", "Jane-Doe"),
        ("=cmd()", "cmd-"),
        ("../../etc", "etc"),
        ("žofie", "ofie"),
        ("@", ""),
    ],
)
def test_what_tokens_do_not_allow_becomes_a_hyphen(name: str, token: str) -> None:
    assert token_of(name) == token


def test_an_operator_without_a_letter_or_digit_is_refused(operator: Operator) -> None:
    result = operator.runs("db", "upgrade", "--operator", "@@")
    assert result.exit_code == 2
    assert "--operator" in result.stderr
    assert not operator.database.exists()


def test_without_an_operator_the_systems_user_is_journalled(operator: Operator) -> None:
    operator.succeeds("db", "upgrade")
    (entry,) = operator.journal()
    assert entry["fields"]["operator"] == system_user()


def test_a_user_without_a_name_is_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_number: int) -> None:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    monkeypatch.setattr("os.getuid", lambda: 70_001)
    assert system_user() == "uid-70001"
