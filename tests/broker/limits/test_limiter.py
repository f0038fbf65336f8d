from __future__ import annotations

import pytest

from broker.limits.limiter import Endpoint, LimitRules, Limits, TooManyRequestsError
from broker.limits.sources import Sources

HERE, THERE = {"REMOTE_ADDR": "198.51.100.7"}, {"REMOTE_ADDR": "198.51.100.8"}
LOCAL = {"REMOTE_ADDR": "127.0.0.1"}


def a_limiter(rule: str = "3 per 10 seconds") -> Limits:
    rules = LimitRules(sign_ins_per_source=rule, sign_ins_per_service=rule, refusals_per_source=rule)
    return Limits(rules, Sources(key=b"k" * 32, loopback_counts=False))


def test_one_source_is_stopped_and_others_are_not() -> None:
    limits = a_limiter()
    for _ in range(3):
        limits.count_sign_in(HERE)
    with pytest.raises(TooManyRequestsError) as raised:
        limits.count_sign_in(HERE)
    assert 1 <= raised.value.retry_after <= 10
    assert raised.value.code == 429
    limits.count_sign_in(THERE)


def test_one_service_is_stopped_and_others_are_not() -> None:
    limits = a_limiter()
    for _ in range(3):
        limits.count_service("fishing-licence")
    with pytest.raises(TooManyRequestsError):
        limits.count_service("fishing-licence")
    limits.count_service("library-card")
    limits.count_sign_in(HERE)


def test_each_endpoint_counts_its_own_refusals() -> None:
    limits = a_limiter()
    for _ in range(3):
        limits.count_refusal(Endpoint.TOKEN, HERE)
    with pytest.raises(TooManyRequestsError):
        limits.count_refusal(Endpoint.TOKEN, HERE)
    limits.count_refusal(Endpoint.CALLBACK, HERE)


def test_the_strictest_of_several_windows_decides() -> None:
    limits = a_limiter("100 per 10 seconds; 4 per hour")
    for _ in range(4):
        limits.count_sign_in(HERE)
    with pytest.raises(TooManyRequestsError) as raised:
        limits.count_sign_in(HERE)
    assert raised.value.retry_after > 10


def test_on_a_local_hub_nobody_on_this_machine_is_stopped() -> None:
    limits = a_limiter()
    for _ in range(10):
        limits.count_sign_in(LOCAL)
    assert limits.counts_kept == 0
