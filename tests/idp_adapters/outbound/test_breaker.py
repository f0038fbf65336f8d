from __future__ import annotations

import pytest

from idp_adapters.errors import ProviderUnavailableError
from idp_adapters.outbound.breaker import CircuitBreaker


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def breaker(clock: _Clock) -> CircuitBreaker:
    return CircuitBreaker(failures=3, pause=10.0, clock=clock)


def _fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        breaker.admit()
        breaker.failed()


def test_it_stays_closed_below_the_limit(breaker: CircuitBreaker) -> None:
    _fail(breaker, 2)
    breaker.admit()
    assert not breaker.is_open


def test_it_opens_at_the_limit(breaker: CircuitBreaker) -> None:
    _fail(breaker, 3)
    assert breaker.is_open
    with pytest.raises(ProviderUnavailableError, match="last 3 calls failed"):
        breaker.admit()


def test_an_answer_in_between_starts_the_count_anew(breaker: CircuitBreaker) -> None:
    _fail(breaker, 2)
    breaker.answered()
    _fail(breaker, 2)
    breaker.admit()


def test_after_the_pause_one_call_alone_may_try(breaker: CircuitBreaker, clock: _Clock) -> None:
    _fail(breaker, 3)
    clock.now += 9.9
    with pytest.raises(ProviderUnavailableError):
        breaker.admit()
    clock.now += 0.1
    breaker.admit()
    with pytest.raises(ProviderUnavailableError):
        breaker.admit()


def test_a_trial_that_is_answered_closes_it(breaker: CircuitBreaker, clock: _Clock) -> None:
    _fail(breaker, 3)
    clock.now += 10.0
    breaker.admit()
    breaker.answered()
    breaker.admit()
    breaker.admit()


def test_a_trial_that_fails_keeps_it_open_for_another_pause(breaker: CircuitBreaker, clock: _Clock) -> None:
    _fail(breaker, 3)
    clock.now += 10.0
    _fail(breaker, 1)
    clock.now += 9.9
    with pytest.raises(ProviderUnavailableError):
        breaker.admit()


def test_a_trial_that_never_reports_back_does_not_hold_it_for_ever(
    breaker: CircuitBreaker, clock: _Clock
) -> None:
    _fail(breaker, 3)
    clock.now += 10.0
    breaker.admit()
    clock.now += 10.0
    breaker.admit()
