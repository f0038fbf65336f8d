"""Fixtures of whole federations: one hub with its providers for each test worker, shared by every story.

Stories keep apart by being about different people (`tests.citizen.somebody`), as they do in life.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.builders import an_attribute
from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub, running_hub

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
def hub(
    tmp_path_factory: pytest.TempPathFactory,
    fishing: RelyingService,
    library: RelyingService,
    archive: RelyingService,
    loner: RelyingService,
) -> Iterator[RunningHub]:
    """A hub with `northgate` and `harbour`, for every story that changes nothing but its own people's rows."""
    services = [service.entry() for service in (fishing, library, archive, loner)]
    stubs = ("--record", "--slow-seconds", "12")
    with running_hub(tmp_path_factory.mktemp("hub"), services=services, stub_arguments=stubs) as running:
        yield running
        assert "unforeseen" not in running.log, running.log[-20_000:]


@pytest.fixture
def citizen(hub: RunningHub) -> Citizen:
    """Somebody new, with a new browser."""
    return Citizen(hub)
