"""Revisions of the registry: immutable, numbered without a gap, and followed by every worker."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from audit.journal import read
from broker import registry_revisions
from broker.database import Database
from broker.registry_revisions import (
    CurrentRegistry,
    NoRegistryError,
    Revision,
    apply_revision,
    newest_revision,
)
from broker.tables import registry_revisions as table
from config.federation import Federation
from tests.broker.builders import a_federation, a_provider, a_service

NOW = datetime(2026, 5, 14, 9, 30, tzinfo=UTC)


def run_by(organisation: str) -> Federation:
    return a_federation(a_service(organisation=organisation), a_provider())


def apply(database: Database, federation: Federation, digest: str = "d") -> Revision:
    return apply_revision(database, federation, digest, operator="ann", clock=lambda: NOW)[0]


def numbers(database: Database) -> list[int]:
    with database.reading() as connection:
        return sorted(connection.execute(select(table.c.revision)).scalars())


def journalled(database: Database) -> int:
    with database.reading() as connection:
        return len(read(connection, limit=1000))


def test_what_was_applied_last_is_in_force_as_it_was_written(database: Database) -> None:
    apply(database, run_by("Rivers Agency"))
    applied = apply(database, run_by("Sea Agency"), "e" * 64)

    with database.reading() as connection:
        newest = newest_revision(connection)

    assert newest == applied
    assert newest is not None
    assert (newest.number, newest.digest) == (2, "e" * 64)
    assert newest.federation.services["fishing-licence"].organisation == "Sea Agency"


def test_a_registry_that_says_the_same_stays_the_revision_it_is(database: Database) -> None:
    first = apply(database, run_by("Rivers Agency"))

    again = apply(database, run_by("Rivers Agency"), "another digest")

    assert again.number == first.number
    assert numbers(database) == [1]
    assert journalled(database) == 1


def test_many_registries_applied_at_once_take_turns(database: Database) -> None:
    at_once = 12
    start = threading.Barrier(at_once)

    def one(number: int) -> int:
        start.wait()
        return apply(database, run_by(f"Agency {number}")).number

    with ThreadPoolExecutor(at_once) as pool:
        given = sorted(pool.map(one, range(at_once)))

    assert given == numbers(database) == list(range(1, at_once + 1))
    assert journalled(database) == at_once


def test_the_same_registry_applied_by_many_machines_at_once_is_one_revision(database: Database) -> None:
    at_once = 12
    start = threading.Barrier(at_once)

    def one(_: int) -> int:
        start.wait()
        return apply(database, run_by("Rivers Agency")).number

    with ThreadPoolExecutor(at_once) as pool:
        assert set(pool.map(one, range(at_once))) == {1}

    assert numbers(database) == [1]
    assert journalled(database) == 1


def test_workers_follow_and_build_once_for_each_revision(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_revisions, "POLL_SECONDS", 0.0)
    built: list[int] = []

    def build(revision: Revision) -> int:
        built.append(revision.number)
        return revision.number

    current = CurrentRegistry(database, build)
    with pytest.raises(NoRegistryError):
        current.current()

    for number in (1, 2):
        apply(database, run_by(f"Agency {number}"))
        assert [current.current() for _ in range(3)] == [number] * 3

    assert built == [1, 2]
