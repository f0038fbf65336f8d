"""One hub as two processes on PostgreSQL and Redis behind nginx, which sends each request to either of them."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from broker.demo.processes import ProcessGroup, find_free_port
from broker.key_store import create_missing_keys
from tests.builders import Entry, a_provider_entry
from tests.config.registries import write_registry
from tests.engines.postgres import read_rows
from tests.load_balanced.nginx import Nginx, listens, nginx_before
from tests.running_hub import REPOSITORY, SERVE, address_of, environment_of, start_stub

PROVIDERS: Final = ("northgate", "harbour")
_PATIENCE_SECONDS: Final = 60.0
# A little more than `fail_timeout` in deploy/nginx/countersign.conf.
_BACK_SECONDS: Final = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancedHubs:
    """Where browsers and services find the hub (`issuer`), and its processes by number, 0 and 1."""

    issuer: str
    providers: Mapping[str, str]
    addresses: tuple[str, str]
    nginx: Nginx
    group: ProcessGroup
    directory: Path
    _environment: Mapping[str, str]

    def kill(self, number: int) -> None:
        """End a process with everything it started, as a power cut would."""
        self.group.kill(_name(number))
        while listens(int(self.addresses[number].rpartition(":")[2])):
            time.sleep(0.01)  # a worker may outlive its parent by a moment

    def tell(self, number: int, what: signal.Signals) -> None:
        """Send a signal to a process as systemd does: not to its workers."""
        self.group[_name(number)].process.send_signal(what)

    def ended(self, number: int) -> int:
        """Wait until a process that was told to stop has ended; gives its exit status."""
        status = self.group[_name(number)].process.wait(_PATIENCE_SECONDS)
        self.group.stop(_name(number))
        return status

    def start(self, number: int) -> None:
        """Start a process that is not there, and return when it is ready and nginx counts on it again."""
        bind = self.addresses[number]
        command = [*SERVE, "--bind", bind]
        self.group.start(_name(number), command, environment=self._environment, directory=REPOSITORY)
        ready = f"http://{bind}/health/ready"
        self.group.wait_until_ready(_name(number), ready, timeout=_PATIENCE_SECONDS)
        time.sleep(_BACK_SECONDS)

    def log(self, number: int) -> str:
        """Everything that a process has printed."""
        return (self.directory / "logs" / f"{_name(number)}.log").read_text(encoding="utf-8")

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Read committed rows; `?` stands for a parameter."""
        return read_rows(self._environment["COUNTERSIGN_DATABASE_URL"], statement, parameters)

    def entries(self, journey: str | None = None) -> list[dict[str, Any]]:
        """Every audit entry in the order of its commit; those of one journey when it is named."""
        bodies = [json.loads(body) for (body,) in self.rows("SELECT body FROM journal ORDER BY position")]
        return [body for body in bodies if journey is None or body["fields"].get("journey") == journey]


@contextmanager
def balanced_hubs(
    directory: Path,
    *,
    services: Sequence[Entry],
    environment: Mapping[str, str],
    stub_arguments: Sequence[str] = (),
) -> Iterator[BalancedHubs]:
    """Run nginx, both processes and a simulated provider until the block ends."""
    addresses = (f"127.0.0.1:{find_free_port()}", f"127.0.0.1:{find_free_port()}")
    providers = {name: address_of(name, None) for name in PROVIDERS}
    write_registry(
        directory / "registry",
        services=list(services),
        providers=[a_provider_entry(name, issuer=address) for name, address in providers.items()],
    )
    create_missing_keys(directory / "keys", datetime.now(UTC))
    with nginx_before(addresses) as nginx, ProcessGroup(logs=directory / "logs") as group:
        issuer = f"https://localhost:{nginx.port}"
        settings = environment_of(directory, environment, None, None) | {
            "COUNTERSIGN_ISSUER": issuer,
            "COUNTERSIGN_TRUSTED_PROXIES": "127.0.0.1/32",
        }
        trust = ("--ca-bundle", str(nginx.bundle))
        for name, address in providers.items():
            start_stub(group, name, address, settings, [*stub_arguments, *trust], None)
        hubs = BalancedHubs(
            issuer=issuer,
            providers=providers,
            addresses=addresses,
            nginx=nginx,
            group=group,
            directory=directory,
            _environment=settings,
        )
        for number in (0, 1):
            hubs.start(number)
        for name, address in providers.items():
            discovery = f"{address}/.well-known/openid-configuration"
            group.wait_until_ready(name, discovery, timeout=_PATIENCE_SECONDS)
        yield hubs


def _name(number: int) -> str:
    return f"hub-{number}"
