"""What may leave follows a person's latest answers and nothing else, in whatever order they decide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consent.coverage import coverage
from consent.model import (
    STANDING_FOR,
    AttributeTerms,
    ConsentState,
    ConsentTerms,
    ReleaseState,
    StandingConsent,
)
from consent.standing import after_agreement, after_refusal, after_withdrawal, may_release, next_sequence
from tests.consent.builders import NOW, a_record, an_attribute, terms

LEVELS = ["low.low", "low.medium", "medium.low", "medium.medium"]


@dataclass(frozen=True)
class Answer:
    """The oracle's memory of one attribute: under which words it was answered, and how."""

    purpose: str
    shared: bool
    version: str
    level: str
    at: datetime


@dataclass(frozen=True)
class Move:
    """One thing a person does, some days after the one before."""

    kind: str
    wanted: ConsentTerms
    shared: frozenset[str]
    days: int


attributes = st.lists(
    st.builds(
        an_attribute,
        st.sampled_from(["a", "b", "c", "d"]),
        st.sampled_from(["to serve", "to sell"]),
        required=st.booleans(),
    ),
    unique_by=lambda attribute: attribute.name,
    max_size=4,
)
wanted_terms = st.builds(
    lambda offered, version, level: terms(*offered, notice_version=version, level=level),
    attributes,
    st.sampled_from(["1", "2"]),
    st.sampled_from(LEVELS),
)
moves = st.lists(
    st.builds(
        Move,
        kind=st.sampled_from(["agree", "agree", "agree", "refuse", "withdraw"]),
        wanted=wanted_terms,
        shared=st.frozensets(st.sampled_from(["a", "b", "c", "d"])),
        days=st.integers(0, 200),
    ),
    max_size=8,
)


def raised(agreed: str, wanted: str) -> bool:
    rank = {"low": 1, "medium": 2}
    return any(rank[high] > rank[low] for low, high in zip(agreed.split("."), wanted.split("."), strict=True))


def answers_still(answer: Answer, attribute: AttributeTerms, wanted: ConsentTerms, now: datetime) -> bool:
    return (
        answer.purpose == attribute.purpose_digest
        and answer.version == wanted.notice_version
        and not raised(answer.level, wanted.level)
        and now < answer.at + STANDING_FOR
        and (answer.shared or not attribute.required)
    )


@given(moves, wanted_terms, st.integers(0, 400))
def test_what_may_leave_is_what_the_latest_answers_say(
    history: list[Move], wanted: ConsentTerms, days: int
) -> None:
    standing: StandingConsent | None = None
    answers: dict[str, Answer] = {}
    now = NOW
    for move in history:
        now += timedelta(days=move.days)
        standing = played(standing, move, now)
        if move.kind == "withdraw":
            answers.clear()
        elif move.kind == "agree":
            for attribute in move.wanted.attributes:
                answers[attribute.name] = Answer(
                    purpose=attribute.purpose_digest,
                    shared=attribute.name in chosen(move),
                    version=move.wanted.notice_version,
                    level=move.wanted.level,
                    at=now,
                )
    now += timedelta(days=days)

    found = coverage(standing, wanted, now)
    good = {
        attribute.name
        for attribute in wanted.attributes
        if attribute.name in answers and answers_still(answers[attribute.name], attribute, wanted, now)
    }

    assert set(found.missing) == set(wanted.names) - good
    assert set(found.shared) == {name for name in good if answers[name].shared}
    if wanted.attributes:
        assert found.covered is not bool(found.missing)
    if found.covered:
        assert found.lapses_at is not None
        assert now < found.lapses_at
        assert all(found.lapses_at <= answers[name].at + STANDING_FOR for name in good)


@given(moves)
def test_a_token_survives_exactly_until_something_it_could_carry_is_taken_away(history: list[Move]) -> None:
    standing: StandingConsent | None = None
    alive: dict[int, frozenset[str]] = {}
    for move in history:
        before = frozenset(standing.shared) if standing else frozenset()
        standing = played(standing, move, NOW)
        if standing is None:
            continue
        after = frozenset(standing.shared)
        if before - after or standing.state is not ConsentState.GRANTED:
            alive.clear()
        if standing.state is ConsentState.GRANTED:
            alive[standing.sequence] = after
        state = ReleaseState(state=standing.state, floor=standing.floor)
        for sequence in range(1, standing.sequence + 1):
            if may_release(state, sequence):
                assert alive.get(sequence, after) <= after
            else:
                assert sequence not in alive


def chosen(move: Move) -> tuple[str, ...]:
    return tuple(
        attribute.name
        for attribute in move.wanted.attributes
        if attribute.required or attribute.name in move.shared
    )


def played(standing: StandingConsent | None, move: Move, now: datetime) -> StandingConsent | None:
    if move.kind == "refuse":
        return after_refusal(standing)
    if move.kind == "withdraw":
        if standing is None or standing.state is not ConsentState.GRANTED:
            return standing
        return after_withdrawal(standing)
    record = replace(a_record(move.wanted, chosen(move), at=now), sequence=next_sequence(standing))
    return after_agreement(standing, record)
