"""A decision answers what it was asked, and stops older tokens by what it takes away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consent.errors import (
    InvalidTermsError,
    NothingToWithdrawError,
    RefusalSharesError,
    RequiredNotSharedError,
    SharedNotOfferedError,
)
from consent.model import ConsentState, Decision, ReleaseState, StandingConsent
from consent.standing import (
    after_agreement,
    after_refusal,
    after_withdrawal,
    may_release,
    next_sequence,
    settle_shared,
)
from tests.consent.builders import NAME, OVER_18, POSTCODE, a_record, standing_on, terms

OFFERED = terms(NAME, POSTCODE)
BOTH = standing_on(a_record(OFFERED, ("name", "postcode_area")))


@pytest.mark.parametrize("shared", [("name",), ("name", "postcode_area"), ("postcode_area", "name")])
def test_exactly_what_was_chosen_is_shared_in_the_order_shown(shared: tuple[str, ...]) -> None:
    settled = settle_shared(OFFERED, Decision.AGREED, shared)
    assert settled == tuple(name for name in ("name", "postcode_area") if name in shared)


def test_an_attribute_chosen_twice_is_shared_once() -> None:
    assert settle_shared(OFFERED, Decision.AGREED, ("name", "name")) == ("name",)


def test_nothing_is_shared_that_was_not_offered_a_co_03() -> None:
    with pytest.raises(SharedNotOfferedError):
        settle_shared(OFFERED, Decision.AGREED, ("name", "birthdate"))


def test_an_agreement_includes_everything_required() -> None:
    with pytest.raises(RequiredNotSharedError):
        settle_shared(OFFERED, Decision.AGREED, ("postcode_area",))


def test_a_refusal_shares_nothing_a_co_05() -> None:
    assert settle_shared(OFFERED, Decision.REFUSED, ()) == ()
    with pytest.raises(RefusalSharesError):
        settle_shared(OFFERED, Decision.REFUSED, ("name",))


def test_a_first_agreement_grants_with_no_floor() -> None:
    record = a_record(OFFERED, ("name",))
    assert after_agreement(None, record) == StandingConsent(
        state=ConsentState.GRANTED, sequence=1, floor=0, records=(record,)
    )


def test_an_extension_leaves_the_earlier_decision_as_it_was() -> None:
    extension = a_record(terms(OVER_18), ("age_over_18",), sequence=2)
    extended = after_agreement(BOTH, extension)
    assert extended.records == (*BOTH.records, extension)
    assert extended.floor == 0
    assert extended.shared == ("name", "postcode_area", "age_over_18")


def test_a_decision_replaces_the_earlier_answer_about_the_same_attribute() -> None:
    again = a_record(terms(NAME), ("name",), sequence=2)
    answered = after_agreement(BOTH, again)
    assert [record.terms.names for record in answered.records] == [("postcode_area",), ("name",)]
    assert answered.floor == 0
    assert (
        after_agreement(answered, a_record(OFFERED, ("name", "postcode_area"), sequence=3))
        .records[0]
        .sequence
        == 3
    )


def test_a_decision_that_shares_less_raises_the_floor_to_itself() -> None:
    narrowed = after_agreement(BOTH, a_record(OFFERED, ("name",), sequence=2))
    assert narrowed.floor == 2


def test_a_narrowing_that_also_adds_raises_the_floor() -> None:
    changed = after_agreement(BOTH, a_record(terms(OVER_18, POSTCODE), ("age_over_18",), sequence=2))
    assert changed.floor == 2


def test_a_floor_once_raised_stays() -> None:
    narrowed = after_agreement(BOTH, a_record(OFFERED, ("name",), sequence=2))
    widened = after_agreement(narrowed, a_record(OFFERED, ("name", "postcode_area"), sequence=3))
    assert widened.floor == 2


def test_a_first_refusal_is_kept_as_refused() -> None:
    refused = after_refusal(None)
    assert (refused.state, refused.sequence, refused.records) == (ConsentState.REFUSED, 1, ())


def test_refusing_an_extension_leaves_the_earlier_agreement_standing() -> None:
    assert after_refusal(BOTH) == replace(BOTH, sequence=2)


def test_a_withdrawal_leaves_nothing_and_raises_the_floor_to_itself() -> None:
    assert after_withdrawal(BOTH) == StandingConsent(
        state=ConsentState.WITHDRAWN, sequence=2, floor=2, records=()
    )


@pytest.mark.parametrize("state", [ConsentState.WITHDRAWN, ConsentState.REFUSED])
def test_only_a_standing_agreement_can_be_withdrawn(state: ConsentState) -> None:
    with pytest.raises(NothingToWithdrawError):
        after_withdrawal(StandingConsent(state=state, sequence=2, floor=0, records=()))


def test_agreeing_again_after_a_withdrawal_does_not_revive_older_tokens() -> None:
    withdrawn = after_withdrawal(BOTH)
    again = after_agreement(withdrawn, a_record(OFFERED, ("name",), sequence=next_sequence(withdrawn)))
    state = ReleaseState(state=again.state, floor=again.floor)
    assert not may_release(state, BOTH.sequence)
    assert may_release(state, again.sequence)


@pytest.mark.parametrize(
    ("state", "floor", "token_sequence", "allowed"),
    [
        (ConsentState.GRANTED, 0, 1, True),
        (ConsentState.GRANTED, 3, 2, False),
        (ConsentState.GRANTED, 3, 3, True),
        (ConsentState.GRANTED, 3, 4, True),
        (ConsentState.REFUSED, 0, 1, False),
        (ConsentState.WITHDRAWN, 3, 3, False),
        (ConsentState.WITHDRAWN, 3, 9, False),
    ],
)
def test_a_release_needs_a_granted_state_and_a_token_at_or_above_the_floor(
    state: ConsentState,
    floor: int,
    token_sequence: int,
    allowed: bool,  # noqa: FBT001 (a table's column)
) -> None:
    assert may_release(ReleaseState(state=state, floor=floor), token_sequence) is allowed


def test_no_consent_releases_nothing_a_co_01() -> None:
    assert not may_release(None, 1)


@pytest.mark.parametrize("digest", ["", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 64 + "\n"])
def test_terms_bind_to_whole_digests(digest: str) -> None:
    with pytest.raises(InvalidTermsError):
        replace(OFFERED, notice_digest=digest)
    with pytest.raises(InvalidTermsError):
        replace(OFFERED, request_digest=digest)
    with pytest.raises(InvalidTermsError):
        replace(OFFERED, attributes=(replace(NAME, purpose_digest=digest),))


def test_terms_offer_an_attribute_once() -> None:
    with pytest.raises(InvalidTermsError):
        terms(NAME, replace(NAME, required=False))
