"""A commitment tells nothing without its salt, and opens with it."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.entry import Commitment
from audit.errors import EntryIdentityError

salts = st.binary(min_size=16, max_size=64)


@given(st.binary(), salts)
def test_a_commitment_is_hmac_sha256_under_its_salt(value: bytes, salt: bytes) -> None:
    assert Commitment.salted(value, salt).digest == hmac.new(salt, value, hashlib.sha256).digest()


def test_two_salts_give_one_value_two_commitments() -> None:
    assert Commitment.salted(b"value", bytes(16)) != Commitment.salted(b"value", b"\x01" * 16)


@pytest.mark.parametrize("salt", [b"", bytes(15)])
def test_a_short_salt_is_refused(salt: bytes) -> None:
    with pytest.raises(EntryIdentityError):
        Commitment.salted(b"value", salt)


@pytest.mark.parametrize("digest", [b"", bytes(31), bytes(33)])
def test_only_a_whole_digest_is_a_commitment(digest: bytes) -> None:
    with pytest.raises(EntryIdentityError):
        Commitment(digest)


@given(st.binary(min_size=32, max_size=32))
def test_the_wire_form_is_lowercase_hexadecimal(digest: bytes) -> None:
    assert Commitment(digest).wire == digest.hex()
