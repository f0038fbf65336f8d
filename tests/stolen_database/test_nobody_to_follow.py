"""What one person leaves by using two services shares no value: nobody can be followed across (A-PR-01, A-PR-03).

Rows belong to a visit when they are new or changed after it. Public ids, small enums and flags, and coarse times are
the same for everybody; anything else that two visits had in common would be a thread from one service to the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub, running_hub
from tests.stolen_database.loot import Row, rows_of

_BIGGEST_COARSE_NUMBER = 10_000_000
"""Flags, counts, months (yyyymm) and hours since the epoch are below; seconds since the epoch are above."""
_LONGEST_SHARED_RUN = 8


@pytest.fixture(scope="module")
def alone(
    tmp_path_factory: pytest.TempPathFactory, fishing: RelyingService, library: RelyingService
) -> Iterator[RunningHub]:
    """A hub that nobody else uses, so that every new row is somebody's known visit."""
    services = [fishing.entry(), library.entry()]
    with running_hub(tmp_path_factory.mktemp("alone"), services=services) as hub:
        yield hub


def rows_left_by(hub: RunningHub, citizen: Citizen, service: RelyingService) -> set[Row]:
    before = rows_of(hub)
    citizen.sign_in(service)
    return rows_of(hub) - before


def values_of(rows: set[Row]) -> set[object]:
    """Every value of every column; an audit entry's leaves one by one."""
    values: set[object] = set()
    for row in rows:
        for column, value in row[1:]:
            values.update(_leaves(json.loads(value)) if column == "body" else [value])
    return values


def _leaves(value: object) -> Iterator[object]:
    match value:
        case dict():
            for member in value.values():
                yield from _leaves(member)
        case list():
            for member in value:
                yield from _leaves(member)
        case _:
            yield value


def is_the_same_for_everybody(value: object, public: set[object]) -> bool:
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return value < _BIGGEST_COARSE_NUMBER
    return value in public


def visits(
    hub: RunningHub, first: RelyingService, second: RelyingService, *, shared_session: bool
) -> tuple[set[Row], set[Row]]:
    """What somebody new leaves by using one service and then another, with the same browser or another one."""
    here = Citizen(hub)
    there = here if shared_session else here.elsewhere()
    return rows_left_by(hub, here, first), rows_left_by(hub, there, second)


@pytest.mark.parametrize("shared_session", [False, True])
def test_a_pr_03_one_persons_rows_at_two_services_share_no_more_than_two_strangers_do(
    alone: RunningHub, fishing: RelyingService, library: RelyingService, *, shared_session: bool
) -> None:
    one, _ = visits(alone, fishing, library, shared_session=shared_session)
    _, other = visits(alone, fishing, library, shared_session=shared_session)
    public = values_of(one) & values_of(other)
    assert all(len(value) < 64 for value in public if isinstance(value, str)), public

    at_fishing, at_library = visits(alone, fishing, library, shared_session=shared_session)

    in_common = values_of(at_fishing) & values_of(at_library)
    threads = {value for value in in_common if not is_the_same_for_everybody(value, public)}
    if shared_session:
        # The browser's one session row is rewritten at each visit: it names no service, and lives for hours.
        rows = [dict(row) for row in at_fishing | at_library]
        session = {row["key"] for row in rows if row["table"] == "envelopes" and row["key"] in threads}
        assert len(session) == 1
        threads -= session
    assert threads == set()


def test_a_pr_03_sealed_values_share_no_run_of_bytes(
    alone: RunningHub, fishing: RelyingService, library: RelyingService
) -> None:
    here = Citizen(alone)
    at_fishing = rows_left_by(alone, here, fishing)
    at_library = rows_left_by(alone, here.elsewhere(), library)
    kids = b"".join(
        bytes.fromhex(path.name.split(".")[1]) for path in (alone.directory / "keys").glob("seal.*.json")
    )

    shared = _runs(at_fishing) & _runs(at_library)

    # Every envelope begins with its format and the server key's id.
    assert {run for run in shared if run not in b"\x01" + kids} == set()


def _runs(rows: set[Row]) -> set[bytes]:
    blobs = [value for row in rows for column, value in row if isinstance(value, bytes) and column != "body"]
    return {
        blob[start : start + _LONGEST_SHARED_RUN]
        for blob in blobs
        for start in range(len(blob) - _LONGEST_SHARED_RUN + 1)
    }


def test_a_pr_01_two_services_that_compare_all_they_received_find_nothing_that_names_the_person(
    alone: RunningHub, fishing: RelyingService, library: RelyingService
) -> None:
    citizen = Citizen(alone)
    at_fishing = citizen.sign_in(fishing)
    at_library = citizen.sign_in(library)

    for claim in ("sub", "sid", "at_hash"):
        assert at_fishing.claims[claim] != at_library.claims[claim]
    assert at_fishing.access_token != at_library.access_token
    common = {
        name
        for name, value in at_fishing.claims.items()
        if at_library.claims.get(name) == value and name not in {"iss", "acr"}
    }
    assert common <= {"auth_time", "iat", "exp"}
