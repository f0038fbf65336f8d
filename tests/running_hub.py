"""A real hub and its providers, each a process of its own with its own directory, ports and keys.

    with running_hub(tmp_path, services=[service.entry()]) as hub:
        requests.get(f"{hub.issuer}/.well-known/openid-configuration")

Every party gets a free port, so that any number of test workers run side by side. `hosts` puts hub and providers on
TLS under host names of their own: their processes find each other by name (nobody else can), the authority is
`hub.authority`, and a browser needs `--host-resolver-rules` or a connection to 127.0.0.1 at the right port.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from broker.demo.processes import ProcessGroup, find_free_port
from broker.key_store import create_missing_keys
from tests.builders import Entry, a_provider_entry
from tests.certificate_authority import CertificateAuthority
from tests.config.registries import write_registry
from tests.engines.postgres import read_rows

REPOSITORY: Final = Path(__file__).resolve().parents[1]
BOTH_PROVIDERS: Final[Mapping[str, Entry]] = MappingProxyType({"northgate": {}, "harbour": {}})
HUB: Final = "hub"
SERVE: tuple[str, ...] = (sys.executable, "-m", "broker.cli", "serve")
_PATIENCE_SECONDS: Final = 60.0

# The processes of one federation find each other by name, as if a name server knew them.
_NAMES: Final = """
import json, os, socket
_known = set(json.loads(os.environ.get("COUNTERSIGN_TEST_HOSTS", "[]")))
_resolve = socket.getaddrinfo
def getaddrinfo(host, *args, **kwargs):
    return _resolve("127.0.0.1" if host in _known else host, *args, **kwargs)
socket.getaddrinfo = getaddrinfo
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningHub:
    """A hub that answers; `providers` are the issuers of its simulated providers, by id."""

    issuer: str
    directory: Path
    providers: Mapping[str, str]
    group: ProcessGroup
    authority: CertificateAuthority | None = None
    _entries: list[Entry] = field(default_factory=list)
    _environment: Mapping[str, str] = field(default_factory=dict)
    _command: Sequence[str] = ()

    @property
    def database(self) -> Path:
        """The SQLite file; its `-wal` and `-shm` lie beside it."""
        return self.directory / "hub.db"

    @property
    def log(self) -> str:
        """Everything that the hub's process has printed."""
        return (self.directory / "logs" / f"{HUB}.log").read_text(encoding="utf-8", errors="replace")

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Read committed rows beside the running hub; `?` stands for a parameter, on every engine."""
        address = self._environment.get("COUNTERSIGN_DATABASE_URL", "")
        if address.startswith("postgresql"):
            return read_rows(address, statement, parameters)
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(statement, parameters).fetchall()
        finally:
            connection.close()

    def entries(self, journey: str | None = None) -> list[dict[str, Any]]:
        """Every audit entry in the order of its commit; those of one journey when it is named."""
        bodies = [json.loads(body) for (body,) in self.rows("SELECT body FROM journal ORDER BY position")]
        return [body for body in bodies if journey is None or body["fields"].get("journey") == journey]

    def restart(self) -> None:
        """Stop the hub and start it again on the same database, keys and registry."""
        self.group.stop(HUB)
        _start_hub(self.group, self._command, self._environment, self.issuer, self.authority)


@contextmanager
def running_hub(
    directory: Path,
    *,
    services: Sequence[Entry],
    providers: Mapping[str, Entry] = BOTH_PROVIDERS,
    other_providers: Sequence[Entry] = (),
    hosts: Mapping[str, str] | None = None,
    stub_arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
) -> Iterator[RunningHub]:
    """Run a hub and a simulated OpenID Provider for each of `providers` until the block ends.

    `services` are registry entries; `providers` are differences from a provider's valid entry, by id;
    `other_providers` are whole entries of providers that somebody else runs.
    `hosts` are the TLS host names of `hub` and of every provider; without it all speak http on loopback.
    `options` are added to `countersign serve`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    authority = None if hosts is None else CertificateAuthority(directory / "tls")
    settings = environment_of(directory, environment or {}, hosts, authority)
    issuers = {name: address_of(name, hosts) for name in (HUB, *providers)}
    entries = [
        a_provider_entry(name, issuer=issuers[name], **differences) for name, differences in providers.items()
    ]
    write_registry(directory / "registry", services=list(services), providers=[*entries, *other_providers])
    create_missing_keys(directory / "keys", datetime.now(UTC))
    with ProcessGroup(logs=directory / "logs") as group:
        for name in providers:
            start_stub(group, name, issuers[name], settings, stub_arguments, authority)
        settings["COUNTERSIGN_ISSUER"] = issuers[HUB]
        command = [*SERVE, "--bind", _bind(issuers[HUB]), *_tls(authority, issuers[HUB]), *options]
        _start_hub(group, command, settings, issuers[HUB], authority)
        for name in providers:
            ready = f"{_loopback(issuers[name])}/.well-known/openid-configuration"
            group.wait_until_ready(name, ready, timeout=_PATIENCE_SECONDS, ca_bundle=_bundle(authority))
        yield RunningHub(
            issuer=issuers[HUB],
            directory=directory,
            providers={name: issuers[name] for name in providers},
            group=group,
            authority=authority,
            _entries=entries,
            _environment=settings,
            _command=command,
        )


def replace_registry(hub: RunningHub, services: Sequence[Entry], providers: Sequence[Entry] = ()) -> None:
    """Apply another registry to a running hub, and return when it has taken notice."""
    registry = hub.directory / "registry"
    shutil.rmtree(registry)
    write_registry(registry, services=list(services), providers=list(providers or hub._entries))
    command = [sys.executable, "-m", "broker.cli", "registry", "apply", str(registry)]
    applied = hub.group.start("registry", command, environment=hub._environment, directory=REPOSITORY)
    if applied.process.wait(timeout=_PATIENCE_SECONDS) != 0:
        raise AssertionError(applied.log_tail())
    hub.group.stop("registry")
    time.sleep(2.5)  # workers look at the database every two seconds


def start_stub(
    group: ProcessGroup,
    name: str,
    issuer: str,
    settings: Mapping[str, str],
    arguments: Sequence[str],
    authority: CertificateAuthority | None,
) -> None:
    command = [sys.executable, "-m", "idp_adapters.certification.simulator", "oidc"]
    command += ["--bind", _bind(issuer), "--issuer", issuer, *_tls(authority, issuer), *arguments]
    if authority is not None:
        command += ["--ca-bundle", str(authority.bundle)]
    group.start(name, command, environment=settings, directory=REPOSITORY)


def _start_hub(
    group: ProcessGroup,
    command: Sequence[str],
    settings: Mapping[str, str],
    issuer: str,
    authority: CertificateAuthority | None,
) -> None:
    group.start(HUB, command, environment=settings, directory=REPOSITORY)
    ready = f"{_loopback(issuer)}/health/ready"
    group.wait_until_ready(HUB, ready, timeout=_PATIENCE_SECONDS, ca_bundle=_bundle(authority))


def environment_of(
    directory: Path,
    differences: Mapping[str, str],
    hosts: Mapping[str, str] | None,
    authority: CertificateAuthority | None,
) -> dict[str, str]:
    settings = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
    settings |= {
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONUNBUFFERED": "1",
        "COUNTERSIGN_DATABASE_URL": f"sqlite:///{directory / 'hub.db'}",
        "COUNTERSIGN_KEYS": str(directory / "keys"),
        "COUNTERSIGN_REGISTRY": str(directory / "registry"),
    }
    if hosts is not None and authority is not None:
        names = directory / "names"
        names.mkdir(exist_ok=True)
        (names / "sitecustomize.py").write_text(_NAMES, encoding="utf-8")
        settings |= {
            "PYTHONPATH": f"{names}{os.pathsep}{REPOSITORY}",
            "COUNTERSIGN_TEST_HOSTS": json.dumps(sorted(hosts.values())),
            "COUNTERSIGN_ENVIRONMENT": "integration",
            "COUNTERSIGN_CA_BUNDLE": str(authority.bundle),
            "COUNTERSIGN_OUTBOUND_ALLOW": ",".join(sorted(hosts.values())),
        }
    return settings | dict(differences)


def address_of(name: str, hosts: Mapping[str, str] | None) -> str:
    """Where a party stands: the hub and the providers never share a host, as cookies ignore ports."""
    if hosts is not None:
        return f"https://{hosts[name]}:{find_free_port()}"
    return f"http://{'localhost' if name == HUB else '127.0.0.1'}:{find_free_port()}"


def _bind(issuer: str) -> str:
    return f"127.0.0.1:{issuer.rpartition(':')[2]}"


def _loopback(issuer: str) -> str:
    return f"{issuer.partition('://')[0]}://{_bind(issuer)}"


def _tls(authority: CertificateAuthority | None, issuer: str) -> list[str]:
    if authority is None:
        return []
    issued = authority.issue(issuer.partition("://")[2].rpartition(":")[0])
    return ["--tls-cert", str(issued.certificate), "--tls-key", str(issued.key)]


def _bundle(authority: CertificateAuthority | None) -> Path | None:
    return None if authority is None else authority.bundle
