"""The key store: private files, one use each, made once however many processes make them."""

from __future__ import annotations

import stat
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broker.key_store import KeyState, KeyStoreError, KeyUse, create_missing_keys, read_key_store

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_a_new_store_has_one_active_key_for_every_use(tmp_path: Path) -> None:
    create_missing_keys(tmp_path / "keys", NOW)
    store = read_key_store(tmp_path / "keys")
    assert sorted(key.use for key in store.keys) == sorted(KeyUse)
    assert {key.state for key in store.keys} == {KeyState.ACTIVE}
    assert len({key.kid for key in store.keys}) == len(KeyUse)


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    create_missing_keys(tmp_path / "keys", NOW)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}


def test_making_keys_again_changes_nothing(tmp_path: Path) -> None:
    create_missing_keys(tmp_path / "keys", NOW)
    before = read_key_store(tmp_path / "keys")
    assert create_missing_keys(tmp_path / "keys", NOW) == ()
    assert read_key_store(tmp_path / "keys") == before


def test_processes_that_make_keys_at_once_make_one_for_each_use(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        made = list(pool.map(_make, [tmp_path / "keys"] * 4))
    assert sum(made) == len(KeyUse)
    assert len(read_key_store(tmp_path / "keys").keys) == len(KeyUse)


def test_a_key_that_others_can_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    create_missing_keys(tmp_path / "keys", NOW)
    next((tmp_path / "keys").iterdir()).chmod(0o644)
    with pytest.raises(KeyStoreError, match="chmod 600"):
        read_key_store(tmp_path / "keys")


def test_a_missing_key_or_store_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(KeyStoreError, match="countersign keys create"):
        read_key_store(tmp_path / "keys")
    create_missing_keys(tmp_path / "keys", NOW)
    next((tmp_path / "keys").glob("seal.*.json")).unlink()
    with pytest.raises(KeyStoreError, match="no active key for seal"):
        read_key_store(tmp_path / "keys")


def test_a_file_that_is_no_key_is_named_without_its_content(tmp_path: Path) -> None:
    create_missing_keys(tmp_path / "keys", NOW)
    broken = tmp_path / "keys" / "seal.broken.json"
    broken.touch(mode=0o600)
    broken.write_text('{"jwk": {"k": "not-to-be-shown"}}', encoding="utf-8")
    with pytest.raises(KeyStoreError) as caught:
        read_key_store(tmp_path / "keys")
    assert str(broken) in str(caught.value)
    assert "not-to-be-shown" not in str(caught.value)


def _make(directory: Path) -> int:
    return len(create_missing_keys(directory, NOW))
