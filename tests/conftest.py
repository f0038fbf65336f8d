"""Fixtures of whole federations: one hub with its providers for each test worker and engine, shared by every story.

Stories keep apart by being about different people (`tests.citizen.somebody`), as they do in life.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.builders import an_attribute
from tests.citizen import Citizen
from tests.engines.engine import Engine, EngineName
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub, running_hub

pytest_plugins = ["tests.engines.fixtures"]

_EVERYTHING = (
    "name",
    "email",
    "phone_number",
    "birthdate",
    "gender",
    "address",
    "nationalities",
    "age_over_18",
    "postcode_area",
)


@pytest.fixture(scope="session")
def fishing() -> RelyingService:
    """Needs medium.medium: name, over 18, and the postcode area if the citizen likes; private_key_jwt."""
    return RelyingService(id="fishing-licence", differences={"sector": "rivers.example"})


@pytest.fixture(scope="session")
def library() -> RelyingService:
    """Needs low.medium and the name; client_secret_basic, ID tokens under RS256, another sector."""
    return RelyingService(
        id="library-card",
        method="client_secret_basic",
        differences={
            "sector": "libraries.example",
            "organisation": "County Libraries",
            "assurance": {"minimum": "low.medium"},
            "attributes": [an_attribute("name")],
            "id_token": {"signed": "RS256"},
        },
    )


@pytest.fixture(scope="session")
def archive() -> RelyingService:
    """May ask for everything, in the library's sector; client_secret_post, and a redirect URI with a query."""
    return RelyingService(
        id="county-archive",
        method="client_secret_post",
        differences={
            "sector": "libraries.example",
            "redirect_uris": ["https://archive.example/callback?from=hub"],
            "assurance": {"minimum": "low.medium"},
            "attributes": [an_attribute(name) for name in _EVERYTHING],
        },
    )


@pytest.fixture(scope="session")
def loner() -> RelyingService:
    """Takes no part in the shared session, and may name a provider."""
    return RelyingService(id="loner", differences={"shared_session": False, "direct_hint": True})


@pytest.fixture(scope="session")
def hub_on(
    tmp_path_factory: pytest.TempPathFactory,
    fishing: RelyingService,
    library: RelyingService,
    archive: RelyingService,
    loner: RelyingService,
) -> Iterator[Callable[[Engine], RunningHub]]:
    """Give the hub of an engine, started at its first story and kept until the last story of all engines."""
    services = [service.entry() for service in (fishing, library, archive, loner)]
    stubs = ("--record", "--slow-seconds", "12")
    hubs: dict[EngineName, RunningHub] = {}
    with ExitStack() as stack:

        def of(engine: Engine) -> RunningHub:
            if engine.name not in hubs:
                running = running_hub(
                    tmp_path_factory.mktemp(f"hub-{engine.name}"),
                    services=services,
                    stub_arguments=stubs,
                    environment=engine.new_home(),
                )
                hubs[engine.name] = stack.enter_context(running)
            return hubs[engine.name]

        yield of
        for running in hubs.values():
            assert "unforeseen" not in running.log, running.log[-20_000:]


@pytest.fixture(scope="session")
def hub(engine: Engine, hub_on: Callable[[Engine], RunningHub]) -> RunningHub:
    """A hub with `northgate` and `harbour`, for every story that changes nothing but its own people's rows."""
    return hub_on(engine)


@pytest.fixture
def citizen(hub: RunningHub) -> Citizen:
    """Somebody new, with a new browser."""
    return Citizen(hub)
