"""A hub that tells sources apart, with limits that a test can reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.overload.worker import Worker, worker_of
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub, running_hub

PER_SOURCE, PER_SERVICE, REFUSALS = 40, 500, 30
"""Per minute: what one source and one service may begin, and what may be refused to one source."""


@pytest.fixture(scope="module")
def fishing() -> RelyingService:
    return RelyingService(id="fishing-licence")


@pytest.fixture(scope="module")
def library() -> RelyingService:
    return RelyingService(id="library-card", method="client_secret_basic")


@pytest.fixture(scope="module")
def strict_hub(
    tmp_path_factory: pytest.TempPathFactory, fishing: RelyingService, library: RelyingService
) -> Iterator[RunningHub]:
    """A hub behind a proxy on this machine, so that `X-Forwarded-For` says where a request comes from."""
    settings = {
        "COUNTERSIGN_TRUSTED_PROXIES": "127.0.0.0/8",
        "COUNTERSIGN_LIMIT_SIGN_INS_PER_SOURCE": f"{PER_SOURCE} per minute",
        "COUNTERSIGN_LIMIT_SIGN_INS_PER_SERVICE": f"{PER_SERVICE} per minute",
        "COUNTERSIGN_LIMIT_REFUSALS_PER_SOURCE": f"{REFUSALS} per minute",
    }
    directory = tmp_path_factory.mktemp("strict")
    services = [fishing.entry(), library.entry()]
    with running_hub(directory, services=services, providers={"northgate": {}}, environment=settings) as hub:
        yield hub


@pytest.fixture(scope="module")
def open_hub(tmp_path_factory: pytest.TempPathFactory, fishing: RelyingService) -> Iterator[RunningHub]:
    """A hub that counts, but whose limits nobody reaches: only its size protects it."""
    settings = {
        "COUNTERSIGN_TRUSTED_PROXIES": "127.0.0.0/8",
        "COUNTERSIGN_LIMIT_SIGN_INS_PER_SOURCE": "100000 per minute",
        "COUNTERSIGN_LIMIT_SIGN_INS_PER_SERVICE": "100000 per minute",
        "COUNTERSIGN_LIMIT_REFUSALS_PER_SOURCE": "100000 per minute",
    }
    directory = tmp_path_factory.mktemp("open")
    services = [fishing.entry()]
    with running_hub(directory, services=services, providers={"northgate": {}}, environment=settings) as hub:
        yield hub


@pytest.fixture
def worker(open_hub: RunningHub) -> Worker:
    """The one process that serves `open_hub`."""
    return worker_of(open_hub)
