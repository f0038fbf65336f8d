"""A hub whose clock a test sets: the same application in a thread, its providers still processes of their own.

Providers keep the real time, so a test signs in first and travels afterwards.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from werkzeug.serving import make_server

from broker.app import create_app
from broker.clock import system_clock
from broker.database import Database
from broker.demo.processes import ProcessGroup
from broker.hub import Hub
from broker.key_store import create_missing_keys
from broker.registry_revisions import apply_revision
from broker.schema import upgrade
from broker.state.redis_store import RedisStore
from config.federation_file import digest, read_federation
from config.settings import Environment, Settings, load_settings
from idp_adapters.registry import SETTINGS_VALIDATORS
from tests.builders import Entry, a_provider_entry
from tests.config.registries import write_registry
from tests.running_hub import BOTH_PROVIDERS, HUB, RunningHub, address_of, environment_of, start_stub


@dataclass(slots=True)
class TravellingClock:
    """The machine's time, and as far ahead as a test has moved it."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, **time: float) -> None:
        self.ahead += timedelta(**time)

    def back_to_now(self) -> None:
        self.ahead = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockedHub(RunningHub):
    """A running hub with a clock to set; `inside` are its parts, for a test that makes one of them fail."""

    clock: TravellingClock
    inside: Hub

    def apply(self, services: Sequence[Entry], providers: Sequence[Entry] = ()) -> None:
        """Put another registry in force at once; with the providers that it began with when none are named."""
        registry = self.directory / "registry"
        shutil.rmtree(registry)
        write_registry(registry, services=list(services), providers=list(providers or self._entries))
        _apply(self.inside.database, registry)
        self.inside.registry._looked_at = float("-inf")  # as if the time to look again had come


@contextmanager
def clocked_hub(
    directory: Path,
    *,
    services: Sequence[Entry],
    providers: Mapping[str, Entry] = BOTH_PROVIDERS,
    differences: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[ClockedHub]:
    """Run a hub in a thread, and its providers as processes, until the block ends."""
    environment = environment_of(directory, differences, None, None)
    issuers = {name: address_of(name, None) for name in (HUB, *providers)}
    environment["COUNTERSIGN_ISSUER"] = issuers[HUB]
    entries = [a_provider_entry(name, issuer=issuers[name], **providers[name]) for name in providers]
    write_registry(directory / "registry", services=list(services), providers=entries)
    create_missing_keys(directory / "keys", datetime.now(UTC))
    settings = load_settings(environment)
    _prepare_database(settings, directory / "registry")
    clock = TravellingClock()
    app = create_app(settings, clock=clock)
    server = make_server("127.0.0.1", int(issuers[HUB].rpartition(":")[2]), app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    with ProcessGroup(logs=directory / "logs") as group:
        for name in providers:
            start_stub(group, name, issuers[name], environment, (), None)
        thread.start()
        for name in providers:
            ready = f"{issuers[name]}/.well-known/openid-configuration"
            group.wait_until_ready(name, ready, timeout=30)
        try:
            yield ClockedHub(
                issuer=issuers[HUB],
                directory=directory,
                providers={name: issuers[name] for name in providers},
                group=group,
                clock=clock,
                inside=app.extensions["countersign"],
                _entries=entries,
                _environment=environment,
            )
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            _let_go(app.extensions["countersign"])


def _let_go(hub: Hub) -> None:
    """Close what a process would close by ending."""
    hub.database.close()
    if isinstance(hub.envelopes.store, RedisStore):
        hub.envelopes.store.close()


def _prepare_database(settings: Settings, registry: Path) -> None:
    database = Database(settings.database_url)
    upgrade(database)
    _apply(database, registry)
    database.close()


def _apply(database: Database, registry: Path) -> None:
    federation = read_federation(
        registry, environment=Environment.LOCAL, settings_validators=SETTINGS_VALIDATORS
    )
    apply_revision(database, federation, digest(registry), operator="test", clock=system_clock)
