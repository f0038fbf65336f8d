"""Two hubs behind nginx for all stories of one file; who connects trusts nginx's certificates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.citizen import Citizen
from tests.engines.postgres import PostgresCluster
from tests.engines.redis_server import RedisServer
from tests.load_balanced.balanced_hubs import BalancedHubs, balanced_hubs
from tests.relying_service import RelyingService

SIGN_INS_PER_SOURCE = 5


@pytest.fixture(scope="module")
def hubs(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: PostgresCluster,
    redis_process: RedisServer,
    fishing: RelyingService,
    library: RelyingService,
    archive: RelyingService,
    loner: RelyingService,
) -> Iterator[BalancedHubs]:
    environment = {
        "COUNTERSIGN_DATABASE_URL": postgres.new_database(),
        "COUNTERSIGN_REDIS_URL": redis_process.new_database(),
        "COUNTERSIGN_LIMIT_SIGN_INS_PER_SOURCE": f"{SIGN_INS_PER_SOURCE} per hour",
    }
    with (
        balanced_hubs(
            tmp_path_factory.mktemp("balanced"),
            services=[each.entry() for each in (fishing, library, archive, loner)],
            environment=environment,
            stub_arguments=("--record", "--slow-seconds", "4"),
        ) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        # What an operating system's list of authorities is to a browser.
        patch.setenv("SSL_CERT_FILE", str(running.nginx.bundle))
        yield running
        for number in (0, 1):
            assert "unforeseen" not in running.log(number), running.log(number)[-20_000:]


@pytest.fixture(scope="module")
def hub(hubs: BalancedHubs) -> BalancedHubs:
    """What every other story calls the hub."""
    return hubs


@pytest.fixture
def citizen(hubs: BalancedHubs) -> Citizen:
    """Somebody new, with a new browser."""
    return Citizen(hubs)
