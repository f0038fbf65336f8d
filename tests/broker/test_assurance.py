"""From a provider's own words to a level: every step only lowers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.assurance import (
    CLOCK_SKEW,
    RETURN_WINDOW,
    AssuranceVector,
    Met,
    Requirement,
    Unmet,
    assess,
    fresh_enough,
    normalise,
    required_levels,
)
from config.confidence import NAMEABLE_LEVELS, NO_LEVEL, Level
from idp_adapters.identity import ClaimedAssurance
from tests.broker.builders import HIGH, LOW, MEDIUM, NOW, a_provider, a_service, an_identity

LEVELS = st.sampled_from(NAMEABLE_LEVELS)
MEDIUM_LEVEL = Level.parse("medium.medium")


def acr(level: str) -> str:
    return f"urn:countersign:level:{level}"


def at_level(level: str) -> AssuranceVector:
    parsed = Level.parse(level)
    return AssuranceVector(
        proofing=parsed.proofing,
        protection=parsed.protection,
        scheme="gpg45",
        scheme_version="0.4",
        certificate="self-declared",
        authenticated_at=NOW,
        asserted="raw",
        found_in="id_token.acr",
        asserted_level=parsed,
    )


def claiming(value: str | None) -> ClaimedAssurance:
    return ClaimedAssurance(value=value, found_in="id_token.acr")


@pytest.mark.parametrize(
    ("raw", "level"), [(HIGH, "high.high"), (MEDIUM, "medium.medium"), (LOW, "low.medium")]
)
def test_a_registered_value_is_worth_what_its_registration_says(raw: str, level: str) -> None:
    vector = normalise(an_identity(assurance=claiming(raw)), a_provider(), NOW)
    assert str(vector.level) == level
    assert (vector.scheme, vector.scheme_version) == ("gpg45", "0.4")
    assert vector.certificate == "self-declared"
    assert vector.asserted == raw


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        MEDIUM.upper(),
        f" {MEDIUM}",
        f"{MEDIUM} ",
        f"{MEDIUM}\n",
        MEDIUM.replace("northgate", "civic-post"),
        "urn:countersign:level:high.high",
        "http://eidas.europa.eu/LoA/high",
        "medium",
        "medium.medium",
        "http://eidas.europa.eu/NotNotified/LoA/high",
        "urn:example:northgate:very_high",
        "P2",
        "1",
    ],
)
def test_a_as_05_an_unknown_miscased_padded_or_foreign_value_is_worth_nothing(raw: str | None) -> None:
    vector = normalise(an_identity(assurance=claiming(raw)), a_provider(), NOW)
    assert vector.level == vector.asserted_level == NO_LEVEL
    assert isinstance(assess(vector, Requirement(minimum=Level.parse("none.low"))), Unmet)


def test_a_as_05_a_value_counts_only_from_the_provider_that_is_registered_with_it() -> None:
    assert normalise(an_identity(provider="civic-post"), a_provider(), NOW).level == NO_LEVEL


def test_a_as_01_an_expired_certification_is_worth_nothing() -> None:
    provider = a_provider(certification={"self_declared": True, "not_after": "2026-05-13"})
    vector = normalise(an_identity(), provider, NOW)
    assert vector.level == NO_LEVEL
    assert vector.certificate is None
    assert vector.asserted_level == MEDIUM_LEVEL


def test_a_as_01_a_provider_without_a_checked_certification_is_worth_nothing() -> None:
    provider = a_provider(certification={"report": "certificates/northgate.json"})
    assert normalise(an_identity(), provider, NOW).level == NO_LEVEL


def test_a_as_01_the_certification_counts_that_was_in_force_at_the_sign_in() -> None:
    provider = a_provider(certification={"self_declared": True, "not_after": "2026-05-13"})
    midnight = datetime(2026, 5, 14, tzinfo=UTC)
    before, after = midnight - timedelta(seconds=1), midnight + timedelta(seconds=20)
    assert normalise(an_identity(authenticated_at=before), provider, after).level == MEDIUM_LEVEL
    assert normalise(an_identity(authenticated_at=midnight), provider, after).level == NO_LEVEL
    assert normalise(an_identity(authenticated_at=None), provider, after).level == NO_LEVEL


def test_a_as_01_a_back_dated_sign_in_does_not_outlive_the_certification() -> None:
    provider = a_provider(certification={"self_declared": True, "not_after": "2026-05-13"})
    long_ago = an_identity(authenticated_at=datetime(2025, 1, 1, tzinfo=UTC))
    midnight = datetime(2026, 5, 14, tzinfo=UTC)
    assert (
        normalise(long_ago, provider, midnight + RETURN_WINDOW - timedelta(seconds=1)).level == MEDIUM_LEVEL
    )
    assert normalise(long_ago, provider, midnight + RETURN_WINDOW).level == NO_LEVEL


def test_a_as_04_a_sign_in_in_the_future_is_worth_nothing() -> None:
    within, beyond = NOW + CLOCK_SKEW, NOW + CLOCK_SKEW + timedelta(seconds=1)
    assert normalise(an_identity(authenticated_at=within), a_provider(), NOW).level == MEDIUM_LEVEL
    assert normalise(an_identity(authenticated_at=beyond), a_provider(), NOW).level == NO_LEVEL


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_as_04_a_sign_in_is_as_fresh_as_asked_or_not_enough(seconds: int) -> None:
    signed_in = NOW - timedelta(hours=1) + timedelta(seconds=seconds)
    not_before = NOW - timedelta(hours=1)
    assert fresh_enough(signed_in, not_before, NOW, skew=timedelta(0)) is (seconds >= 0)
    assert fresh_enough(signed_in - CLOCK_SKEW, not_before, NOW) is (seconds >= 0)


def test_a_as_04_a_sign_in_without_its_time_or_in_the_future_is_not_fresh() -> None:
    assert fresh_enough(None, None, NOW)
    assert not fresh_enough(None, NOW, NOW)
    assert not fresh_enough(NOW + timedelta(minutes=1), NOW, NOW)


def test_a_as_06_a_strong_sign_in_proves_nothing_about_who_somebody_is() -> None:
    identity = an_identity(
        assurance=claiming("http://schemas.openid.net/pape/policies/2007/06/multi-factor"),
        methods=("hwk", "mfa", "face"),
        attributes={"email_verified": True, "phone_number_verified": True},
    )
    assert normalise(identity, a_provider(), NOW).level == NO_LEVEL


def test_a_veto_leaves_nothing() -> None:
    vector = normalise(an_identity(), a_provider(), NOW, vetoes=("fraud",))
    assert vector.level == NO_LEVEL
    assert vector.vetoes == ("fraud",)


RAW = st.sampled_from([HIGH, MEDIUM, LOW]) | st.none() | st.text(max_size=10)
INSTANTS = st.none() | st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    RAW,
    INSTANTS,
    st.dates(NOW.date() - timedelta(3), NOW.date() + timedelta(3)),
    st.lists(st.text(max_size=3)),
)
def test_no_step_ever_raises_a_level(
    raw: str | None, at: datetime | None, last_day: object, vetoes: list[str]
) -> None:
    provider = a_provider(certification={"self_declared": True, "not_after": str(last_day)})
    identity = an_identity(assurance=claiming(raw), authenticated_at=at)
    vector = normalise(identity, provider, NOW, vetoes=vetoes)
    assert provider.level_of(raw or "").meets(vector.level)
    assert vector.asserted_level.meets(vector.level)
    if vector.certificate is None:
        assert vector.level == NO_LEVEL


def test_the_effective_level_is_stated_when_none_was_asked() -> None:
    needed = required_levels(a_service(), (), None)
    assert assess(at_level("high.high"), needed) == Met(acr=acr("high.high"), level=Level.parse("high.high"))


def test_the_first_level_asked_for_that_is_met_is_stated() -> None:
    needed = required_levels(
        a_service(), (acr("very_high.high"), acr("medium.medium"), acr("high.high")), None
    )
    answer = assess(at_level("high.high"), needed)
    assert isinstance(answer, Met)
    assert answer.acr == acr("medium.medium")


def test_a_as_02_a_level_below_the_registered_minimum_is_not_enough() -> None:
    answer = assess(at_level("low.medium"), required_levels(a_service(), (), None))
    assert answer == Unmet(asserted="raw", effective=Level.parse("low.medium"))


@pytest.mark.parametrize(
    "asked", [(), (acr("low.low"),), (acr("none.low"), acr("low.medium")), ("urn:unknown",)]
)
def test_a_as_03_the_registered_minimum_holds_whatever_is_asked(asked: tuple[str, ...]) -> None:
    assert isinstance(assess(at_level("low.medium"), required_levels(a_service(), asked, None)), Unmet)
    assert isinstance(assess(at_level("low.medium"), required_levels(a_service(), (), asked)), Unmet)
    answer = assess(at_level("medium.medium"), required_levels(a_service(), asked, None))
    assert isinstance(answer, Met)
    assert answer.acr == acr("medium.medium")


def test_an_essential_level_must_be_reached() -> None:
    needed = required_levels(a_service(), (acr("medium.medium"),), (acr("high.high"),))
    assert isinstance(assess(at_level("medium.high"), needed), Unmet)
    assert assess(at_level("high.high"), needed) == Met(acr=acr("high.high"), level=Level.parse("high.high"))


def test_an_essential_level_that_does_not_exist_cannot_be_reached() -> None:
    assert isinstance(assess(at_level("very_high.high"), required_levels(a_service(), (), ("x",))), Unmet)


def test_one_axis_does_not_make_up_for_the_other() -> None:
    needed = required_levels(a_service(), (), None)
    assert isinstance(assess(at_level("very_high.low"), needed), Unmet)
    assert isinstance(assess(at_level("low.high"), needed), Unmet)


def test_an_acceptable_lower_level_is_labelled_as_what_it_is() -> None:
    service = a_service(assurance={"minimum": "medium.medium", "acceptable": ("low.medium",)})
    answer = assess(at_level("low.high"), required_levels(service, (acr("medium.medium"),), None))
    assert answer == Met(acr=acr("low.high"), level=Level.parse("low.high"))
    assert isinstance(assess(at_level("low.low"), required_levels(service, (), None)), Unmet)


@given(
    LEVELS, LEVELS, st.lists(LEVELS, max_size=3), st.none() | st.lists(LEVELS, max_size=3), st.lists(LEVELS)
)
def test_what_is_stated_was_reached_and_is_admitted(
    effective: Level,
    minimum: Level,
    acceptable: list[Level],
    essential: list[Level] | None,
    preferred: list[Level],
) -> None:
    needed = Requirement(
        minimum=minimum,
        acceptable=tuple(acceptable),
        essential=None if essential is None else tuple(essential),
        preferred=tuple(preferred),
    )
    stated = needed.answer(effective)
    if stated is None:
        assert essential is not None or not needed.admits(effective)
        return
    assert effective.meets(stated)
    assert any(stated.meets(floor) for floor in (minimum, *acceptable))
    assert essential is None or stated in essential
