"""A visit to the fishing licence service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import responses

from broker.demo.catalogue import FISHING_LICENCE
from broker.demo.service import create_service
from tests.broker.demo.simulated_hub import CLIENT_ID, ISSUER, OWN_URL, SimulatedHub
from tests.broker.demo.visit import Visit


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Visit]:
    service = create_service(
        client_id=CLIENT_ID,
        issuer=ISSUER,
        own_url=OWN_URL,
        name=FISHING_LICENCE.name,
        acr_values=FISHING_LICENCE.acr_values,
        state_dir=tmp_path,
    )
    with responses.RequestsMock(assert_all_requests_are_fired=False) as network:

        def jwks() -> dict[str, Any]:
            return cast("dict[str, Any]", service.test_client().get("/jwks").json)

        yield Visit(browser=service.test_client(), hub=SimulatedHub(network, jwks), network=network)
