"""A service's private key stays in a file that only its owner can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from broker.demo.client_key import FILE_NAME, load_or_create, public_jwks
from broker.demo.errors import ServiceKeyError


def test_the_key_file_and_its_directory_are_closed_to_other_users(tmp_path: Path) -> None:
    load_or_create(tmp_path / "service")
    assert (tmp_path / "service").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "service" / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_the_key_is_the_same_at_every_start(tmp_path: Path) -> None:
    assert load_or_create(tmp_path).thumbprint() == load_or_create(tmp_path).thumbprint()


def test_what_is_published_holds_the_public_half_alone(tmp_path: Path) -> None:
    (published,) = public_jwks(load_or_create(tmp_path))["keys"]
    assert published.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    kept = json.loads((tmp_path / FILE_NAME).read_text())
    assert kept["d"] not in json.dumps(published)
    assert published["kid"] == kept["kid"]


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    load_or_create(tmp_path)
    (tmp_path / FILE_NAME).chmod(0o640)
    with pytest.raises(ServiceKeyError, match="chmod 600"):
        load_or_create(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"kty": "oct", "k": "AAAA"}'])
def test_a_file_without_a_private_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / FILE_NAME
    path.touch(mode=0o600)
    path.write_text(content)
    with pytest.raises(ServiceKeyError, match="no private"):
        load_or_create(tmp_path)


def test_a_public_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    published = public_jwks(load_or_create(tmp_path))["keys"][0]
    path.write_text(json.dumps(published))
    with pytest.raises(ServiceKeyError, match="no private"):
        load_or_create(tmp_path)
