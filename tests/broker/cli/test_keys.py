from __future__ import annotations

import json
import stat

import pytest

from broker.key_store import KeyUse
from tests.broker.cli.countersign import Operator


@pytest.fixture
def operator(operator: Operator) -> Operator:
    operator.succeeds("db", "upgrade")
    return operator


def test_missing_keys_are_made_once_and_journalled_by_name(operator: Operator) -> None:
    made = operator.reads("keys", "create", "--operator", "sam")
    assert {key["use"] for key in made} == set(KeyUse)
    assert operator.reads("keys", "create") == []
    assert "Nothing to make" in operator.succeeds("keys", "create")
    (entry,) = (entry for entry in operator.journal() if entry["kind"] == "keys.created")
    assert entry["fields"] == {"operator": "sam", "keys": [f"{key['use']}/{key['kid']}" for key in made]}


def test_a_key_that_is_gone_is_made_again_and_the_others_stay(operator: Operator) -> None:
    before = {key["kid"] for key in operator.reads("keys", "create")}
    (lost,) = operator.keys.glob("seal.*.json")
    lost.unlink()
    (made,) = operator.reads("keys", "create")
    assert made["use"] == "seal"
    after = {key["kid"] for key in operator.reads("keys", "list")}
    assert len(after - before) == 1
    assert len(before - after) == 1


def test_keys_are_listed_without_key_material(operator: Operator) -> None:
    operator.succeeds("keys", "create")
    listed = operator.reads("keys", "list")
    assert {key["use"] for key in listed} == set(KeyUse)
    for key in listed:
        assert set(key) == {"kid", "use", "state", "created_at"}
        assert key["state"] == "active"
    printed = operator.succeeds("keys", "list") + json.dumps(listed) + operator.succeeds("keys", "create")
    for file in operator.keys.glob("*.json"):
        jwk = json.loads(file.read_text())["jwk"]
        secrets = [value for name, value in jwk.items() if name in {"k", "d", "p", "q", "dp", "dq", "qi"}]
        assert secrets
        assert not any(secret in printed for secret in secrets)


def test_the_list_has_a_line_for_each_key(operator: Operator) -> None:
    operator.succeeds("keys", "create")
    heading, *lines = operator.succeeds("keys", "list").splitlines()
    assert heading.split() == ["KID", "USE", "STATE", "CREATED"]
    assert len(lines) == len(KeyUse)


def test_a_list_without_a_key_store_says_how_to_make_one(operator: Operator) -> None:
    assert "countersign keys create" in operator.fails("keys", "list")


def test_a_key_that_others_may_read_is_refused(operator: Operator) -> None:
    operator.succeeds("keys", "create")
    (file,) = operator.keys.glob("subject.*.json")
    file.chmod(file.stat().st_mode | stat.S_IROTH)
    message = operator.fails("keys", "list")
    assert str(file) in message
    assert "chmod 600" in message


def test_a_key_store_that_cannot_be_made_is_named(operator: Operator) -> None:
    operator.keys.write_text("a file where the directory should be")
    assert str(operator.keys) in operator.fails("keys", "create")
    assert [entry["kind"] for entry in operator.journal()] == ["schema.upgraded"]
