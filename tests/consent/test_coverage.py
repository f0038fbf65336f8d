"""A person is asked again only about what their decisions no longer fit (A-CO-04)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from consent.coverage import Coverage, Reason, coverage
from consent.model import STANDING_FOR, ConsentState, ConsentTerms, StandingConsent
from tests.consent.builders import (
    NAME,
    NOW,
    OVER_18,
    POSTCODE,
    a_record,
    an_attribute,
    standing_on,
    terms,
)

AGREED = terms(NAME, OVER_18, POSTCODE)
# The optional postcode area was declined.
STANDING = standing_on(a_record(AGREED, ("name", "age_over_18")))
DAY = timedelta(days=1)


def settled(standing: StandingConsent | None, wanted: ConsentTerms, now: datetime = NOW + DAY) -> Coverage:
    return coverage(standing, wanted, now)


def assert_all_asked(found: Coverage, wanted: ConsentTerms, reason: Reason) -> None:
    assert found == Coverage(covered=False, missing=wanted.names, shared=(), reason=reason, lapses_at=None)


def test_what_was_agreed_is_not_asked_again_and_what_was_declined_stays_declined() -> None:
    assert settled(STANDING, AGREED) == Coverage(
        covered=True,
        missing=(),
        shared=("name", "age_over_18"),
        reason=Reason.NONE,
        lapses_at=NOW + STANDING_FOR,
    )


def test_asking_for_less_than_was_agreed_is_covered_and_gives_only_that() -> None:
    found = settled(STANDING, terms(OVER_18))
    assert found.covered
    assert found.shared == ("age_over_18",)


def test_a_service_without_any_decision_is_new() -> None:
    assert_all_asked(settled(None, AGREED), AGREED, Reason.NEW_SERVICE)


def test_after_a_refusal_the_service_is_still_new() -> None:
    refused = StandingConsent(state=ConsentState.REFUSED, sequence=1, floor=0, records=())
    assert_all_asked(settled(refused, AGREED), AGREED, Reason.NEW_SERVICE)


def test_after_a_withdrawal_everything_is_asked() -> None:
    withdrawn = StandingConsent(state=ConsentState.WITHDRAWN, sequence=2, floor=2, records=())
    assert_all_asked(settled(withdrawn, AGREED), AGREED, Reason.WITHDRAWN)


def test_a_withdrawn_state_wins_over_any_record_beside_it() -> None:
    assert not settled(replace(STANDING, state=ConsentState.WITHDRAWN), AGREED).covered
    assert not settled(replace(STANDING, state=ConsentState.REFUSED), AGREED).covered


def test_a_decision_about_another_service_counts_for_nothing() -> None:
    wanted = terms(NAME, service="library-card")
    assert_all_asked(settled(STANDING, wanted), wanted, Reason.NEW_SERVICE)


@pytest.mark.parametrize(
    ("moment", "covered"),
    [
        (NOW + STANDING_FOR - timedelta(seconds=1), True),
        (NOW + STANDING_FOR, False),
        (NOW + STANDING_FOR + timedelta(seconds=1), False),
    ],
    ids=["the second before", "the second itself", "the second after"],
)
def test_a_decision_counts_for_one_year(moment: datetime, covered: bool) -> None:  # noqa: FBT001 (a table's column)
    found = settled(STANDING, AGREED, moment)
    assert found.covered is covered
    if not covered:
        assert_all_asked(found, AGREED, Reason.EXPIRED)


def test_another_notice_is_asked_about_whole() -> None:
    wanted = replace(AGREED, notice_version="2026-12-1")
    assert_all_asked(settled(STANDING, wanted), wanted, Reason.CHANGED_NOTICE)


def test_other_words_in_the_same_language_are_another_notice() -> None:
    wanted = replace(AGREED, notice_digest="0" * 64)
    assert_all_asked(settled(STANDING, wanted), wanted, Reason.CHANGED_NOTICE)


def test_another_lawful_basis_is_another_notice() -> None:
    wanted = replace(AGREED, lawful_basis="consent")
    assert_all_asked(settled(STANDING, wanted), wanted, Reason.CHANGED_NOTICE)


def test_the_same_notice_in_another_language_is_not_asked_again() -> None:
    assert settled(STANDING, replace(AGREED, language="cy", notice_digest="0" * 64)).covered


def test_another_provider_or_request_is_not_asked_about() -> None:
    assert settled(STANDING, replace(AGREED, provider="civic-post", request_digest="0" * 64)).covered


@pytest.mark.parametrize(
    "level",
    ["high.medium", "medium.high", "very_high.low", "none.high", "medium", "", "medium.medium.medium"],
)
def test_a_raised_or_unreadable_level_is_asked_again(level: str) -> None:
    wanted = replace(AGREED, level=level)
    assert_all_asked(settled(STANDING, wanted), wanted, Reason.RAISED_LEVEL)


@pytest.mark.parametrize("level", ["medium.medium", "medium.low", "low.medium", "none.none"])
def test_the_same_or_a_lower_level_is_not_asked_again(level: str) -> None:
    assert settled(STANDING, replace(AGREED, level=level)).covered


def test_a_level_agreed_to_that_cannot_be_read_covers_only_itself() -> None:
    odd = standing_on(a_record(replace(AGREED, level="odd"), ("name", "age_over_18")))
    assert settled(odd, replace(AGREED, level="odd")).covered
    assert not settled(odd, replace(AGREED, level="low.low")).covered


def test_only_a_new_attribute_is_asked_about() -> None:
    email = an_attribute("email", required=False)
    found = settled(STANDING, terms(NAME, OVER_18, email))
    assert found == Coverage(
        covered=False,
        missing=("email",),
        shared=("name", "age_over_18"),
        reason=Reason.NEW_ATTRIBUTES,
        lapses_at=None,
    )


def test_only_the_attribute_whose_purpose_changed_is_asked_about() -> None:
    found = settled(STANDING, terms(an_attribute("name", "To sell"), OVER_18))
    assert (found.missing, found.reason) == (("name",), Reason.CHANGED_PURPOSE)
    assert found.shared == ("age_over_18",)


def test_a_declined_attribute_is_asked_about_again_when_its_purpose_changes() -> None:
    changed = an_attribute("postcode_area", "To sell", required=False)
    found = settled(STANDING, terms(NAME, OVER_18, changed))
    assert (found.missing, found.reason) == (("postcode_area",), Reason.CHANGED_PURPOSE)


def test_a_declined_attribute_that_is_now_required_is_asked_about() -> None:
    found = settled(STANDING, terms(NAME, an_attribute("postcode_area")))
    assert (found.missing, found.reason) == (("postcode_area",), Reason.NEW_ATTRIBUTES)


def test_the_weightiest_reason_is_given() -> None:
    found = settled(STANDING, terms(an_attribute("email"), an_attribute("name", "To sell")))
    assert found.missing == ("email", "name")
    assert found.reason is Reason.CHANGED_PURPOSE


def test_an_extension_does_not_renew_what_was_agreed_before() -> None:
    month = timedelta(days=300)
    extended = standing_on(
        a_record(terms(NAME), ("name",)),
        a_record(terms(OVER_18), ("age_over_18",), at=NOW + month, sequence=2),
    )
    both = terms(NAME, OVER_18)
    assert settled(extended, both, NOW + month).lapses_at == NOW + STANDING_FOR
    assert settled(extended, terms(OVER_18), NOW + month).lapses_at == NOW + month + STANDING_FOR

    found = settled(extended, both, NOW + STANDING_FOR)
    assert (found.missing, found.shared, found.reason) == (("name",), ("age_over_18",), Reason.EXPIRED)


def test_the_latest_decision_that_offered_an_attribute_answers_it() -> None:
    reasked = standing_on(
        a_record(terms(POSTCODE), ("postcode_area",)), a_record(terms(POSTCODE), (), sequence=2)
    )
    assert settled(reasked, terms(POSTCODE)).shared == ()


def test_a_sign_in_without_attributes_is_asked_about_once() -> None:
    bare = terms()
    assert not settled(None, bare).covered
    assert settled(standing_on(a_record(bare, ())), bare) == Coverage(
        covered=True, missing=(), shared=(), reason=Reason.NONE, lapses_at=NOW + STANDING_FOR
    )
    assert not settled(standing_on(a_record(bare, ())), bare, NOW + STANDING_FOR).covered
    assert settled(STANDING, bare).covered


def test_the_difference_can_be_put_into_terms_of_its_own() -> None:
    wanted = terms(an_attribute("email"), NAME, POSTCODE)
    assert wanted.only(settled(STANDING, wanted).missing).names == ("email",)
