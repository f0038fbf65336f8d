"""One call of the client to a scripted server, and what became of it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from idp_adapters.errors import (
    IdentityProviderError,
)
from idp_adapters.outbound import OutboundClient, OutboundRequest, OutboundResponse
from tests.idp_adapters.outbound.scripted_server import (
    Script,
    ScriptedServer,
    json_answer,
    serving,
)

OK = json_answer(b'{"a": 1}')


def fetch(
    client: OutboundClient,
    server: ScriptedServer,
    path: str = "/",
    **request: Any,  # noqa: ANN401 - as OutboundRequest types them
) -> OutboundResponse:
    url = f"http://127.0.0.1:{server.port}{path}"
    request.setdefault("origins", frozenset({client.origin_of(url)}))
    return client.fetch("northgate", OutboundRequest(url=url, **request))


def refusal(client: OutboundClient, script: Script) -> tuple[IdentityProviderError, float]:
    with serving(script) as server:
        started = time.monotonic()
        with pytest.raises(IdentityProviderError) as caught:
            fetch(client, server)
        return caught.value, time.monotonic() - started
