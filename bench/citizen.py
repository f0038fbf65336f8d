"""A citizen with a new browser, and the service behind: one whole journey, checked as a service would.

Everything is checked but the ID token's signature, to spare the driving core; `bench.observed` verifies some.
A journey that differs in any way raises `JourneyFailedError`.
"""

from __future__ import annotations

import json
import re
import time
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

from bench.attempts import CLIENT_ID, PROVIDER_ID, REDIRECT_URI, Attempt
from bench.browser import Browser, find_form
from bench.connection import Connection, HttpAnswer
from bench.errors import JourneyFailedError
from bench.steps import Scenario, Step, step_of

_MOST_HOPS: Final = 12
_OUTCOME: Final = re.compile(rb'\bid="outcome"[^>]*\bdata-code="([a-z_]+)"')
_BUTTONS: Final = {"choose-provider": ("provider", PROVIDER_ID), "agreement": ("decision", "allow")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the hub and the provider are: origins, and the hub's endpoints as its discovery names them."""

    hub: str
    provider: str
    authorization_path: str
    token_path: str
    userinfo_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A journey that went well: the pairwise subject, the ID token, seconds in all and at each step."""

    subject: str
    id_token: str
    seconds: float
    step_seconds: tuple[float, ...]


class Citizen:
    """Makes one journey after another, each as another person with a new browser.

    The service's connection to the hub is kept alive between journeys, as a service would; so is the one to
    the provider, which is not what is measured.
    """

    def __init__(self, addresses: Addresses, scenario: Scenario) -> None:
        """Open nothing yet."""
        self._addresses = addresses
        self._scenario = scenario
        self._service = Connection(addresses.hub)
        self._provider = Connection(addresses.provider)
        self._steps: list[Step] = []
        self._step_seconds: list[float] = []

    def sign_in(self, attempt: Attempt) -> Journey:
        """Go all the way to the attributes; raises `JourneyFailedError`."""
        self._steps, self._step_seconds = [], []
        began = time.perf_counter()
        browser = Browser(self._addresses.hub)
        try:
            code = self._travel(browser, attempt)
        finally:
            browser.close()
        tokens = self._redeem(attempt, code)
        claims = _payload(tokens["id_token"])
        attributes = self._attributes(tokens["access_token"])
        ended = time.perf_counter()
        self._check(attempt, claims, attributes)
        return Journey(
            subject=claims["sub"],
            id_token=tokens["id_token"],
            seconds=ended - began,
            step_seconds=tuple(self._step_seconds),
        )

    def close(self) -> None:
        """Close what was kept alive."""
        self._service.close()
        self._provider.close()

    def _travel(self, browser: Browser, attempt: Attempt) -> str:
        """Follow redirects and press buttons until the service is reached; gives the code."""
        target = f"{self._addresses.authorization_path}?{attempt.query}"
        for _ in range(_MOST_HOPS):
            began = time.perf_counter()
            answer = browser.get(target)
            self._took(began, "GET", target, answer)
            if answer.status == HTTPStatus.OK:
                began = time.perf_counter()
                answer, action = _press(browser, answer)
                self._took(began, "POST", action, answer)
            location = _location(answer, self._steps[-1])
            if location.startswith(self._addresses.provider):
                location = self._at_provider(location, attempt.persona)
            if location.startswith(REDIRECT_URI):
                return _code(location, attempt, self._addresses.hub)
            target = location.removeprefix(self._addresses.hub)
        raise JourneyFailedError("the browser was sent in circles")

    def _took(self, began: float, method: str, target: str, answer: HttpAnswer) -> None:
        step = step_of(method, target.partition("?")[0])
        if step is None:
            raise JourneyFailedError(_what_happened(answer))
        self._steps.append(step)
        self._step_seconds.append(time.perf_counter() - began)

    def _at_provider(self, location: str, persona: str) -> str:
        target = location.removeprefix(self._addresses.provider)
        answer = self._provider.get(target, headers=f"X-Stub-Persona: {persona}\r\n")
        return _location(answer, "the provider")

    def _redeem(self, attempt: Attempt, code: str) -> dict[str, Any]:
        began = time.perf_counter()
        form = f"{attempt.token_form}&code={quote(code, safe='')}"
        answer = self._service.post(self._addresses.token_path, form)
        self._took(began, "POST", self._addresses.token_path, answer)
        return _json(answer, Step.TOKEN)

    def _attributes(self, access_token: str) -> dict[str, Any]:
        began = time.perf_counter()
        answer = self._service.get(
            self._addresses.userinfo_path, headers=f"Authorization: Bearer {access_token}\r\n"
        )
        self._took(began, "GET", self._addresses.userinfo_path, answer)
        return _json(answer, Step.USERINFO)

    def _check(self, attempt: Attempt, claims: dict[str, Any], attributes: dict[str, Any]) -> None:
        if claims.get("nonce") != attempt.nonce or claims.get("aud") != CLIENT_ID:
            raise JourneyFailedError("the ID token answers another request")
        if not claims.get("sub") or attributes.get("sub") != claims["sub"]:
            raise JourneyFailedError("the attributes are about somebody else")
        if not attributes.get("name") or attributes.get("age_over_18") is not True:
            raise JourneyFailedError("the agreed attributes are missing")
        if tuple(self._steps) != self._scenario.steps:
            raise JourneyFailedError(f"went another way: {', '.join(self._steps)}")


def _press(browser: Browser, answer: HttpAnswer) -> tuple[HttpAnswer, str]:
    page = answer.body.decode()
    for name, button in _BUTTONS.items():
        form = find_form(page, name)
        if form is not None:
            return browser.submit(form, button), form.action
    raise JourneyFailedError("a page without a form to go on")


def _what_happened(answer: HttpAnswer) -> str:
    """Say which outcome a page tells of, so that equal failures are counted together."""
    told = _OUTCOME.search(answer.body)
    return f"ended as {told[1].decode()}" if told else f"sent off the way, and answered {answer.status}"


def _location(answer: HttpAnswer, where: str) -> str:
    if not answer.redirects:
        raise JourneyFailedError(f"{where} answered {answer.status}")
    return answer.header("location")


def _code(location: str, attempt: Attempt, issuer: str) -> str:
    returned = dict(parse_qsl(urlsplit(location).query))
    if "error" in returned:
        raise JourneyFailedError(f"the service was told {returned['error']}: {returned.get('error_uri', '')}")
    if returned.get("state") != attempt.state or returned.get("iss") != issuer or "code" not in returned:
        raise JourneyFailedError("the service was sent an answer to another request")
    return returned["code"]


def _json(answer: HttpAnswer, step: Step) -> dict[str, Any]:
    if answer.status != HTTPStatus.OK:
        raise JourneyFailedError(
            f"{step} answered {answer.status}: {answer.body[:200].decode(errors='replace')}"
        )
    return dict(json.loads(answer.body))


def _payload(token: str) -> dict[str, Any]:
    return dict(json.loads(urlsafe_b64decode(token.split(".")[1] + "==")))
