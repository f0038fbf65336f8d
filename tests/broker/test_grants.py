"""Grants and single-use marks: of any number of takers exactly one gets it, and reuse takes everything back."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, select

from broker.database import Database
from broker.grants import (
    ACCESS_TOKEN_LIFE,
    CODE_LIFE,
    GrantState,
    create_grant,
    grant_state,
    revoke_grant,
    spend_grant,
)
from broker.journeys.journey import AFTERWARDS, JOURNEY_LIFE
from broker.single_use import AlreadyUsedError, mark_used
from broker.tables import grants, single_use_marks

NOW = datetime(2026, 5, 14, 9, 59, 30, tzinfo=UTC)
CODE = hashlib.sha256(b"a code").digest()
OTHER = hashlib.sha256(b"another code").digest()


def test_a_code_is_spent_once(connection: Connection) -> None:
    create_grant(connection, CODE, NOW)
    assert grant_state(connection, CODE) is GrantState.UNSPENT

    assert spend_grant(connection, CODE)
    assert grant_state(connection, CODE) is GrantState.ACTIVE
    assert not spend_grant(connection, CODE)
    assert grant_state(connection, CODE) is GrantState.ACTIVE


def test_what_was_never_issued_cannot_be_spent_or_revoked(connection: Connection) -> None:
    assert grant_state(connection, CODE) is GrantState.UNKNOWN
    assert not spend_grant(connection, CODE)
    assert not revoke_grant(connection, CODE)


def test_a_revoked_code_cannot_be_spent(connection: Connection) -> None:
    create_grant(connection, CODE, NOW)

    assert revoke_grant(connection, CODE)
    assert not revoke_grant(connection, CODE)
    assert not spend_grant(connection, CODE)
    assert grant_state(connection, CODE) is GrantState.REVOKED


def test_revoking_one_grant_leaves_others_alone(connection: Connection) -> None:
    create_grant(connection, CODE, NOW)
    create_grant(connection, OTHER, NOW)

    revoke_grant(connection, CODE)

    assert grant_state(connection, OTHER) is GrantState.UNSPENT


def test_of_twenty_at_once_one_spends_the_code(database: Database) -> None:
    with database.transaction() as connection:
        create_grant(connection, CODE, NOW)

    def spend(_: int) -> bool:
        with database.transaction() as connection:
            return spend_grant(connection, CODE)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(spend, range(20))) == 1


def test_a_tombstone_outlives_the_last_token_of_its_grant(connection: Connection) -> None:
    create_grant(connection, CODE, NOW)

    hour = connection.execute(select(grants.c.purge_after)).scalar_one()
    assert hour * 3600 >= (NOW + CODE_LIFE + ACCESS_TOKEN_LIFE).timestamp()
    assert hour * 3600 >= (NOW + JOURNEY_LIFE + AFTERWARDS).timestamp()


def test_a_value_is_used_once_and_its_mark_outlives_what_accepts_it(connection: Connection) -> None:
    mark_used(connection, CODE, NOW)

    with pytest.raises(AlreadyUsedError):
        mark_used(connection, CODE, NOW)
    mark_used(connection, OTHER, NOW)
    hours = connection.execute(select(single_use_marks.c.purge_after)).scalars().all()
    assert all(hour * 3600 > NOW.timestamp() for hour in hours)


def test_a_mark_of_a_transaction_that_failed_does_not_count(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as connection:
            mark_used(connection, CODE, NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.transaction() as connection:
        mark_used(connection, CODE, NOW)


def test_a_refused_mark_leaves_the_rest_of_its_transaction_usable(connection: Connection) -> None:
    mark_used(connection, CODE, NOW)
    with pytest.raises(AlreadyUsedError):
        mark_used(connection, CODE, NOW)

    create_grant(connection, CODE, NOW)

    assert spend_grant(connection, CODE)
