"""An account's secret: what follows from it for one service or sector shows nothing of what follows for another."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from broker.accounts.account import Account, PairwiseSubjects
from broker.accounts.consent_box import ConsentBox, ConsentSealBrokenError

accounts = st.builds(Account, st.binary(min_size=32, max_size=32))
names = st.text(min_size=1, max_size=40)
SUBJECTS = PairwiseSubjects(secrets.token_bytes(32))


@given(accounts, names, names)
def test_subjects_are_the_same_in_one_sector_and_differ_between_sectors(
    account: Account, sector: str, other: str
) -> None:
    assume(sector != other)

    assert SUBJECTS.subject(account, sector) == SUBJECTS.subject(account, sector)
    assert SUBJECTS.subject(account, sector) != SUBJECTS.subject(account, other)
    assert len(SUBJECTS.subject(account, sector)) == 43


@given(accounts, accounts, names)
def test_two_accounts_never_share_a_subject(account: Account, other: Account, sector: str) -> None:
    assume(account != other)

    assert SUBJECTS.subject(account, sector) != SUBJECTS.subject(other, sector)


@given(accounts, names)
def test_without_the_key_a_subject_cannot_be_worked_out(account: Account, sector: str) -> None:
    elsewhere = PairwiseSubjects(secrets.token_bytes(32))

    assert SUBJECTS.subject(account, sector) != elsewhere.subject(account, sector)


@given(accounts, names, names)
def test_names_and_keys_of_rows_differ_for_every_purpose_and_service(
    account: Account, service: str, other: str
) -> None:
    assume(service != other)
    derived = [
        account.consent_id(service),
        account.consent_id(other),
        account.service_secret(service)[:16],
        account.service_secret(other)[:16],
        account.slot(0)[:16],
        account.slot(1)[:16],
        account.slot_secret()[:16],
        account.secret[:16],
    ]

    assert len(set(derived)) == len(derived)


def test_a_secret_is_not_shown_by_accident() -> None:
    account = Account.new()

    assert account.secret.hex() not in repr(account)
    assert repr(account.secret) not in repr(account)
    assert "key" not in repr(SUBJECTS)


@given(accounts, st.binary(max_size=200), st.binary(max_size=20))
def test_a_consent_row_opens_only_in_its_own_box_and_place(
    account: Account, content: bytes, place: bytes
) -> None:
    box = ConsentBox.of(account, "fishing-licence")
    sealed = box.seal(content, place)

    assert box.open(sealed, place) == content
    for other, where in (
        (ConsentBox.of(account, "library-card"), place),
        (ConsentBox.of(Account.new(), "fishing-licence"), place),
        (box, place + b"!"),
    ):
        with pytest.raises(ConsentSealBrokenError):
            other.open(sealed, where)
