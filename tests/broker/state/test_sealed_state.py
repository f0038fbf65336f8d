"""Sealed state: what is stored opens only with its handle, its kind, its place, its time and the server's key."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from broker.database import Database
from broker.state.envelopes import Envelopes, Opened
from broker.state.handles import Handle
from broker.state.sealing import SealBrokenError, Sealer, ServerKey
from broker.state.sql_store import SqlStore
from broker.state.store import Kind, StaleVersionError
from broker.tables import envelopes as table

NOW = datetime(2026, 5, 14, 9, 30, tzinfo=UTC)
SECRET = secrets.token_bytes(32)


def server_key() -> ServerKey:
    return ServerKey(kid=secrets.token_bytes(8), key=secrets.token_bytes(32))


def sealer_of(*keys: ServerKey) -> Sealer:
    return Sealer(active=keys[0], keys={key.kid: key for key in keys})


KEY = server_key()
SEALER = sealer_of(KEY)


@given(st.binary(max_size=300), st.text(max_size=20), st.binary(max_size=24))
def test_what_was_sealed_opens_again_and_shows_nothing(plaintext: bytes, kind: str, context: bytes) -> None:
    sealed = SEALER.seal(plaintext, secret=SECRET, kind=kind, context=context)

    assert SEALER.open(sealed, secret=SECRET, kind=kind, context=context) == plaintext
    assert len(plaintext) < 4 or plaintext not in sealed


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_changed_byte_anywhere_breaks_the_seal(plaintext: bytes, data: st.DataObject) -> None:
    sealed = bytearray(SEALER.seal(plaintext, secret=SECRET, kind="k", context=b"c"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(SealBrokenError):
        SEALER.open(bytes(sealed), secret=SECRET, kind="k", context=b"c")


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": secrets.token_bytes(32)},
        {"kind": "session"},
        {"context": b"elsewhere"},
    ],
)
def test_another_handle_kind_or_place_does_not_open_it(wrong: dict[str, object]) -> None:
    sealed = SEALER.seal(b"who it is", secret=SECRET, kind="journey", context=b"here")
    right: dict[str, object] = {"secret": SECRET, "kind": "journey", "context": b"here"}

    with pytest.raises(SealBrokenError):
        SEALER.open(sealed, **(right | wrong))  # type: ignore[arg-type]  # one of them is wrong on purpose


def test_without_the_servers_key_the_handle_alone_opens_nothing() -> None:
    sealed = SEALER.seal(b"who it is", secret=SECRET, kind="journey", context=b"here")
    same_kid_other_key = ServerKey(kid=KEY.kid, key=secrets.token_bytes(32))

    for other in (sealer_of(server_key()), sealer_of(same_kid_other_key)):
        with pytest.raises(SealBrokenError):
            other.open(sealed, secret=SECRET, kind="journey", context=b"here")


def test_after_rotation_old_seals_open_and_new_ones_use_the_new_key() -> None:
    new = server_key()
    rotated = sealer_of(new, KEY)
    old_seal = SEALER.seal(b"x", secret=SECRET, kind="k", context=b"c")
    new_seal = rotated.seal(b"x", secret=SECRET, kind="k", context=b"c")

    assert rotated.open(old_seal, secret=SECRET, kind="k", context=b"c") == b"x"
    assert new_seal[1:9] == new.kid
    with pytest.raises(SealBrokenError):
        SEALER.open(new_seal, secret=SECRET, kind="k", context=b"c")


@given(st.binary(max_size=60))
def test_noise_is_a_broken_seal_and_nothing_worse(noise: bytes) -> None:
    with pytest.raises(SealBrokenError):
        SEALER.open(noise, secret=SECRET, kind="k", context=b"c")


def test_the_same_content_sealed_twice_looks_different() -> None:
    twice = {SEALER.seal(b"x" * 40, secret=SECRET, kind="k", context=b"c")[9:] for _ in range(50)}

    assert len({sealed[:12] for sealed in twice}) == 50
    assert len({sealed[12:] for sealed in twice}) == 50


@pytest.fixture
def kept(database: Database) -> Envelopes:
    return Envelopes(store=SqlStore(database), sealer=SEALER)


def put(database: Database, kept: Envelopes, handle: Handle, content: object, until: datetime) -> None:
    with database.pending_transaction() as transaction:
        kept.put(kept.store.writes(transaction), Kind.JOURNEY, handle, content, until)


def read(kept: Envelopes, handle: Handle, now: datetime, kind: Kind = Kind.JOURNEY) -> Opened | None:
    with kept.store.reading() as reads:
        return kept.read(reads, kind, handle, now)


def test_an_envelope_opens_until_the_very_second_it_ends(database: Database, kept: Envelopes) -> None:
    handle, ends = Handle.new(), NOW + timedelta(minutes=5)
    put(database, kept, handle, {"name": "Ann \u0175"}, ends)

    opened = read(kept, handle, ends - timedelta(seconds=1))
    assert opened is not None
    assert (opened.content, opened.version) == ({"name": "Ann \u0175"}, 1)
    assert read(kept, handle, ends) is None
    assert read(kept, handle, ends + timedelta(seconds=1)) is None


def test_an_envelope_opens_only_as_its_kind_and_with_its_own_secret(
    database: Database, kept: Envelopes
) -> None:
    handle = Handle.new()
    put(database, kept, handle, "content", NOW + timedelta(hours=1))

    assert read(kept, handle, NOW, Kind.SESSION) is None
    assert read(kept, Handle(handle.id, secrets.token_bytes(32)), NOW) is None
    assert read(kept, Handle(secrets.token_bytes(16), handle.secret), NOW) is None


def test_the_clear_column_is_a_whole_hour_after_the_end_and_cannot_be_moved(
    database: Database, kept: Envelopes
) -> None:
    handle, ends = Handle.new(), NOW + timedelta(minutes=5)
    put(database, kept, handle, "content", ends)
    with database.transaction() as connection:
        hour = connection.execute(select(table.c.purge_after)).scalar_one()
        assert hour * 3600 > ends.timestamp()
        assert hour * 3600 - ends.timestamp() <= 3600
        connection.execute(update(table).values(purge_after=hour + 1000))

    assert read(kept, handle, NOW) is None


def test_rows_cannot_be_exchanged(database: Database, kept: Envelopes) -> None:
    mine, theirs = Handle.new(), Handle.new()
    put(database, kept, mine, "mine", NOW + timedelta(hours=1))
    put(database, kept, theirs, "theirs", NOW + timedelta(hours=1))
    with database.transaction() as connection:
        sealed = connection.execute(select(table.c.sealed).where(table.c.key == theirs.key)).scalar_one()
        connection.execute(update(table).where(table.c.key == mine.key).values(sealed=sealed))

    assert read(kept, mine, NOW) is None


def test_of_two_changes_to_one_version_one_is_refused(database: Database, kept: Envelopes) -> None:
    handle, ends = Handle.new(), NOW + timedelta(hours=1)
    put(database, kept, handle, "first", ends)

    def change(content: str) -> None:
        with database.pending_transaction() as transaction:
            writes = kept.store.writes(transaction)
            kept.replace(writes, Kind.JOURNEY, handle, content, ends, expected_version=1)

    change("second")
    with pytest.raises(StaleVersionError):
        change("third")
    opened = read(kept, handle, NOW)
    assert opened is not None
    assert (opened.content, opened.version) == ("second", 2)


def test_a_lease_keeps_others_off_until_it_lapses_or_the_value_changes(
    database: Database, kept: Envelopes
) -> None:
    handle, ends = Handle.new(), NOW + timedelta(hours=1)
    put(database, kept, handle, "content", ends)

    def claim(seconds: int, *, version: int = 1) -> None:
        with database.pending_transaction() as transaction:
            writes = kept.store.writes(transaction)
            writes.claim(handle.key, expected_version=version, now=1000 + seconds, lease_seconds=60)

    claim(0)
    with pytest.raises(StaleVersionError):
        claim(59)
    claim(60)
    with database.pending_transaction() as transaction:
        writes = kept.store.writes(transaction)
        kept.replace(writes, Kind.JOURNEY, handle, "moved", ends, expected_version=1)
    with pytest.raises(StaleVersionError):
        claim(61)
    claim(61, version=2)
