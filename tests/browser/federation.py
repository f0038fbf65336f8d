"""The demonstration's federation, for a browser: hub, two providers, the two services, each its own process.

The services are those of `make demo`, with the registry entries that the demonstration ships; only addresses differ.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

import requests
import yaml

from broker.demo.processes import find_free_port
from tests.builders import Entry
from tests.certificate_authority import CertificateAuthority
from tests.running_hub import REPOSITORY, RunningHub, running_hub

FISHING: Final = "fishing-licence"
LIBRARY: Final = "library-card"
PROVIDERS: Final[Mapping[str, Entry]] = MappingProxyType(
    {
        "northgate": {"documents": ["passport", "driving_licence"]},
        "harbour": {"kind": "public", "documents": ["identity_card"]},
    }
)
HOSTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "hub": "hub.test",
        "northgate": "northgate.test",
        "harbour": "harbour.test",
        FISHING: "fishing.test",
        LIBRARY: "library.test",
    }
)
"""Host names of separate sites: what cookies, policies and the parties see differs as it would in real life."""

SLOW_SECONDS: Final = 4
_PATIENCE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    """Addresses of everybody; `services` by client id."""

    hub: RunningHub
    services: Mapping[str, str]

    @property
    def issuer(self) -> str:
        """The hub's address."""
        return self.hub.issuer

    @property
    def origins(self) -> frozenset[str]:
        """Whom a browser may speak to."""
        return frozenset({self.issuer, *self.hub.providers.values(), *self.services.values()})

    def received_by(self, provider: str) -> list[Received]:
        """Everything that reached a provider since it was last told to forget."""
        answer = requests.get(
            self._loopback(provider), headers=self._name(provider), verify=self._trust, timeout=10
        )
        return [Received(**request) for request in answer.json()]

    def forget_received(self, provider: str) -> None:
        """Let a provider forget what reached it."""
        answer = requests.delete(
            self._loopback(provider), headers=self._name(provider), verify=self._trust, timeout=10
        )
        assert answer.status_code == 204

    def _loopback(self, provider: str) -> str:
        parts = urlsplit(self.hub.providers[provider])
        return f"{parts.scheme}://127.0.0.1:{parts.port}/received"

    def _name(self, provider: str) -> dict[str, str]:
        return {"Host": urlsplit(self.hub.providers[provider]).netloc}

    @property
    def _trust(self) -> str | bool:
        return True if self.hub.authority is None else str(self.hub.authority.bundle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as a provider got it."""

    method: str
    url: str
    headers: list[list[str]]
    body: str


@contextmanager
def running_federation(
    directory: Path,
    *,
    hosts: Mapping[str, str] | None = None,
    more_services: tuple[Entry, ...] = (),
    providers: Mapping[str, Entry] = PROVIDERS,
) -> Iterator[Federation]:
    """Run everybody until the block ends; with `hosts` on TLS, each under its own host name."""
    urls = {name: _own_url(name, hosts) for name in (FISHING, LIBRARY)}
    entries = [_registered(name, url) for name, url in urls.items()]
    stubs = ("--record", "--slow-seconds", str(SLOW_SECONDS))
    with running_hub(
        directory,
        services=[*entries, *more_services],
        providers=providers,
        hosts=hosts,
        stub_arguments=stubs,
        environment={"COUNTERSIGN_OPERATOR_NAME": "Demonstration Federation Office"},
    ) as hub:
        for name, url in urls.items():
            _start_service(hub, name, url)
        for name, url in urls.items():
            hub.group.wait_until_ready(
                name,
                f"{urlsplit(url).scheme}://127.0.0.1:{urlsplit(url).port}/jwks",
                timeout=_PATIENCE_SECONDS,
                ca_bundle=None if hub.authority is None else hub.authority.bundle,
            )
        yield Federation(hub=hub, services=urls)


def _own_url(name: str, hosts: Mapping[str, str] | None) -> str:
    port = find_free_port()
    return f"http://localhost:{port}" if hosts is None else f"https://{hosts[name]}:{port}"


def _registered(name: str, url: str) -> Entry:
    sample = REPOSITORY / "config" / "samples" / "demo" / "services" / f"{name}.yaml"
    entry: Entry = yaml.safe_load(sample.read_text(encoding="utf-8"))
    theirs = entry["redirect_uris"][0].removesuffix("/callback")
    moved: Entry = json.loads(json.dumps(entry).replace(theirs, url))
    return moved


def _start_service(hub: RunningHub, name: str, url: str) -> None:
    parts = urlsplit(url)
    command = [sys.executable, "-m", "broker.demo.service", "--client-id", name, "--issuer", hub.issuer]
    command += ["--own-url", url, "--bind", f"127.0.0.1:{parts.port}"]
    command += ["--state-dir", str(hub.directory / "services" / name)]
    if hub.authority is not None:
        command += ["--ca-bundle", str(hub.authority.bundle), *_tls(hub.authority, parts.hostname or "")]
    hub.group.start(name, command, environment=hub._environment, directory=REPOSITORY)


def _tls(authority: CertificateAuthority, host: str) -> list[str]:
    issued = authority.issue(host)
    return ["--tls-cert", str(issued.certificate), "--tls-key", str(issued.key)]
