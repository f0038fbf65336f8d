from __future__ import annotations

from collections.abc import Iterator

import pytest

from idp_adapters.outbound import AllowList, OutboundClient


@pytest.fixture
def client() -> Iterator[OutboundClient]:
    client = OutboundClient(
        allow=AllowList(loopback=True),
        user_agent="countersign-test",
        connect_timeout=0.5,
        total_timeout=0.6,
        max_bytes=2000,
        per_provider_concurrency=2,
        per_provider_queue=0,
        failures_to_open=3,
        open_seconds=60.0,
    )
    yield client
    client.close()
