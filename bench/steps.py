"""The hub's requests of a journey, named as people would, and which of them each scenario makes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bench.errors import NotOfferedError


class Step(StrEnum):
    """One request to the hub."""

    AUTHORIZE = "authorize"
    CHOICE_PAGE = "choice page"
    CHOOSE = "choose"
    CALLBACK = "callback"
    AGREE_PAGE = "agree page"
    AGREE = "agree"
    TOKEN = "token"  # noqa: S105 - a step, not a password
    USERINFO = "userinfo"


_REQUESTS: Final = (
    (re.compile(r"GET /authorize"), Step.AUTHORIZE),
    (re.compile(r"GET /sign-in/[^/]+/provider"), Step.CHOICE_PAGE),
    (re.compile(r"POST /sign-in/[^/]+/provider"), Step.CHOOSE),
    (re.compile(r"GET /providers/[^/]+/callback"), Step.CALLBACK),
    (re.compile(r"GET /sign-in/[^/]+/agree"), Step.AGREE_PAGE),
    (re.compile(r"POST /sign-in/[^/]+/agree"), Step.AGREE),
    (re.compile(r"POST /token"), Step.TOKEN),
    (re.compile(r"GET /userinfo"), Step.USERINFO),
)


def step_of(method: str, path: str) -> Step | None:
    """Name a request by method and path (without query); None for one that is no step of a journey."""
    request = f"{method} {path}"
    return next((step for pattern, step in _REQUESTS if pattern.fullmatch(request)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What the people of a run have in common.

    known: they have agreed for this service before. hinted: the service names their provider. A journey whose
    requests to the hub are not exactly `steps` counts as failed: another journey would have another price.
    """

    name: str
    known: bool
    hinted: bool
    steps: tuple[Step, ...]


FIRST: Final = Scenario(name="first", known=False, hinted=False, steps=tuple(Step))
RETURNING: Final = Scenario(
    name="returning",
    known=True,
    hinted=True,
    steps=(Step.AUTHORIZE, Step.CALLBACK, Step.TOKEN, Step.USERINFO),
)
_SCENARIOS: Final = {scenario.name: scenario for scenario in (FIRST, RETURNING)}


def find_scenario(name: str) -> Scenario:
    """Give the scenario of this name; raises `NotOfferedError`."""
    if name not in _SCENARIOS:
        raise NotOfferedError(f"there is no scenario {name}: choose from {', '.join(_SCENARIOS)}")
    return _SCENARIOS[name]
