"""The benchmark's arithmetic."""

from __future__ import annotations

import math
import os
import time

import pytest

from bench.crowd import percentile
from bench.errors import NotOfferedError
from bench.floor import Part, floor_milliseconds
from bench.processors import cpu_seconds, process_tree, resident_mib
from bench.steps import FIRST, RETURNING, Step, find_scenario, step_of


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (95, 95), (99, 99), (100, 100), (1, 1)])
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(percent: float, value: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], percent) == value


def test_nothing_has_no_percentile() -> None:
    assert math.isnan(percentile([], 50))


def test_the_floor_is_each_part_times_how_often_it_is_used() -> None:
    floor = {Part.SIGN: 40.0, Part.COMMIT: 200.0}
    assert floor_milliseconds(floor, {Part.SIGN: 2.0, Part.COMMIT: 5.0}) == pytest.approx(1.08)


def test_a_processs_clock_counts_what_it_has_computed() -> None:
    before = cpu_seconds((os.getpid(),))
    used = time.process_time()
    while time.process_time() - used < 0.05:
        pass
    assert cpu_seconds((os.getpid(),)) - before >= 0.05


def test_a_process_descends_from_the_one_that_started_it() -> None:
    assert os.getpid() in process_tree(os.getppid())
    assert resident_mib((os.getpid(),)) > 1


@pytest.mark.parametrize(
    ("method", "path", "step"),
    [
        ("GET", "/authorize", Step.AUTHORIZE),
        ("GET", "/sign-in/ABCD-EFGH-JKMN/provider", Step.CHOICE_PAGE),
        ("POST", "/sign-in/ABCD-EFGH-JKMN/provider", Step.CHOOSE),
        ("GET", "/providers/northgate/callback", Step.CALLBACK),
        ("POST", "/sign-in/ABCD-EFGH-JKMN/agree", Step.AGREE),
        ("GET", "/jwks", None),
        ("GET", "/sign-in/ABCD-EFGH-JKMN/problem", None),
    ],
)
def test_a_request_is_a_step_of_a_journey_or_none(method: str, path: str, step: Step | None) -> None:
    assert step_of(method, path) is step


def test_a_scenario_is_found_by_its_name() -> None:
    assert find_scenario("first") is FIRST
    assert find_scenario("returning") is RETURNING
    with pytest.raises(NotOfferedError, match="first, returning"):
        find_scenario("second")
