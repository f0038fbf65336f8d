from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from tests.idp_adapters.oidc.scripted_provider import ScriptedProvider


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def provider(mock: responses.RequestsMock) -> ScriptedProvider:
    return ScriptedProvider(mock)
