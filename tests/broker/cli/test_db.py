from __future__ import annotations

from broker.schema import CURRENT_REVISION
from tests.broker.cli.countersign import Operator


def _pretend_to_be_at(operator: Operator, revision: str) -> None:
    operator.sql("UPDATE alembic_version SET version_num = ?", revision)


def test_an_upgrade_makes_the_database_and_is_journalled_once(operator: Operator) -> None:
    assert operator.succeeds("db", "upgrade", "--operator", "sam") == (
        f"The schema is now at {CURRENT_REVISION}.\n"
    )
    assert operator.succeeds("db", "upgrade", "--operator", "alex") == (
        f"The schema was already at {CURRENT_REVISION}.\n"
    )
    (entry,) = operator.journal()
    assert entry["kind"] == "schema.upgraded"
    assert entry["fields"] == {"operator": "sam", "revision": CURRENT_REVISION}


def test_an_upgrade_tells_programs_whether_anything_changed(operator: Operator) -> None:
    assert operator.reads("db", "upgrade") == {"revision": CURRENT_REVISION, "changed": True}
    assert operator.reads("db", "upgrade") == {"revision": CURRENT_REVISION, "changed": False}


def test_a_check_of_a_current_schema_succeeds(operator: Operator) -> None:
    operator.succeeds("db", "upgrade")
    assert operator.succeeds("db", "check") == f"The schema is at {CURRENT_REVISION}.\n"
    assert operator.reads("db", "check") == {
        "revision": CURRENT_REVISION,
        "wanted": CURRENT_REVISION,
        "current": True,
    }


def test_a_check_of_an_older_schema_fails_and_says_what_is_wanted(operator: Operator) -> None:
    operator.succeeds("db", "upgrade")
    _pretend_to_be_at(operator, "0000")
    result = operator.runs("db", "check")
    assert result.exit_code == 1
    assert result.stdout == f"The schema is at 0000; this version works with {CURRENT_REVISION}.\n"


def test_a_check_of_an_empty_database_fails(operator: Operator) -> None:
    operator.database.touch()
    result = operator.runs("db", "check")
    assert result.exit_code == 1
    assert "has no tables yet" in result.stdout


def test_a_check_makes_no_database(operator: Operator) -> None:
    assert "There is no database" in operator.fails("db", "check")
    assert not operator.database.exists()


def test_a_database_of_a_newer_version_is_not_touched(operator: Operator) -> None:
    operator.succeeds("db", "upgrade")
    _pretend_to_be_at(operator, "9999")
    message = operator.fails("db", "upgrade")
    assert "another version of Countersign" in message
    assert "9999" in message
    for command in (("registry", "show"), ("keys", "create")):
        assert "newer version" in operator.fails(*command)


def test_commands_that_need_tables_name_the_command_that_makes_them(operator: Operator) -> None:
    operator.database.touch()
    for command in (("registry", "show"), ("keys", "create")):
        assert "countersign db upgrade" in operator.fails(*command)
    assert not operator.keys.exists()
