"""One Chromium and one federation of each kind for every worker, shared by all journeys in it.

Journeys keep apart by being about different people with browsers of their own (contexts), as they do in life.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.browser.federation import HOSTS, Federation, running_federation
from tests.browser.person import Person
from tests.browser.watch import Watch

CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.test 127.0.0.1",
)
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
_PATIENCE_MILLISECONDS = 12_000

NewPerson = Callable[..., Person]


@pytest.fixture(name="chromium", scope="package")
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM))
        yield browser
        browser.close()


@pytest.fixture(name="federation", scope="package")
def _federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Everybody on http and loopback, as in `make demo`."""
    with running_federation(tmp_path_factory.mktemp("federation")) as federation:
        yield federation


@pytest.fixture(name="separate_sites", scope="package")
def _separate_sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Everybody on TLS under a host name of their own."""
    with running_federation(tmp_path_factory.mktemp("sites"), hosts=HOSTS) as federation:
        yield federation


@pytest.fixture(name="new_person")
def _new_person(chromium: Browser) -> Iterator[NewPerson]:
    """Make people with a new browser each; at the end nothing may have gone wrong that was not foretold."""
    people: list[Person] = []
    with ExitStack() as stack:

        def make(
            federation: Federation,
            persona: str | None = None,
            *,
            strangers: tuple[str, ...] = (),
            **options: Any,  # noqa: ANN401 - whatever Playwright's new_context takes
        ) -> Person:
            options = {"viewport": DESKTOP, "ignore_https_errors": True, "locale": "en-GB", **options}
            context = stack.enter_context(chromium.new_context(**options))
            context.set_default_timeout(_PATIENCE_MILLISECONDS)
            watch = Watch(context, {*federation.origins, *strangers})
            people.append(Person(federation, context, watch, persona))
            return people[-1]

        yield make
    assert [trouble for person in people for trouble in person.watch.troubles()] == []


@pytest.fixture(name="person")
def _person(new_person: NewPerson, federation: Federation) -> Person:
    """Somebody new at the federation on this machine."""
    return new_person(federation)
