"""The benchmark's own federation: one hub, one provider, one service, in a directory that is thrown away."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import yaml

from bench.attempts import CLIENT_ID, PROVIDER_ID, REDIRECT_URI, BenchService
from bench.citizen import Addresses
from bench.engines import Engine
from bench.processors import Cores, on_cores, process_tree
from broker.demo.processes import ProcessGroup, find_free_port

_ROOT: Final = Path(__file__).resolve().parent.parent
_READY_SECONDS: Final = 60.0
_TIMEOUT_SECONDS: Final = 10.0
_DISCOVERY: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    """Who takes part and where; `settings` are the hub's COUNTERSIGN_* variables."""

    state: Path
    hub: str
    provider: str
    service: BenchService
    settings: dict[str, str]

    @property
    def hub_bind(self) -> str:
        """Where the hub listens, as HOST:PORT."""
        return urlsplit(self.hub).netloc


@contextmanager
def provider_running(
    engine: Engine, state: Path, cores: Cores, *, home: Path | None = None, loading: bool = False
) -> Iterator[Federation]:
    """Prepare a federation and run everything but the hub until the block ends.

    `state` is empty and thrown away; `home` has what the hub and its engine know from before, if anything.
    """
    home = home or state
    hub, provider = (f"http://127.0.0.1:{find_free_port()}" for _ in range(2))
    service = BenchService.new(hub)
    write_registry(state / "registry", service, provider)
    with engine(home, cores, loading=loading) as engine_settings, ProcessGroup(logs=state) as group:
        bind = urlsplit(provider).netloc
        with on_cores(cores.others):
            group.start(
                "provider",
                [
                    *(sys.executable, "-m", "idp_adapters.certification.simulator", "oidc"),
                    *("--bind", bind, "--issuer", provider),
                ],
                environment=_inherited(),
                directory=_ROOT,
            )
        group.wait_until_ready("provider", f"{provider}{_DISCOVERY}", timeout=_READY_SECONDS)
        settings = {
            "COUNTERSIGN_ISSUER": hub,
            "COUNTERSIGN_KEYS": str(home / "keys"),
            "COUNTERSIGN_REGISTRY": str(state / "registry"),
            # Counted as in earnest, but never reached: all people come from one address.
            "COUNTERSIGN_LIMIT_SIGN_INS_PER_SOURCE": "9000000 per 10 seconds; 90000000 per hour",
            "COUNTERSIGN_LIMIT_SIGN_INS_PER_SERVICE": "9000000 per 10 seconds",
            **engine_settings,
        }
        yield Federation(state=state, hub=hub, provider=provider, service=service, settings=settings)


@contextmanager
def hub_running(
    federation: Federation, cores: Cores, *, workers: int, threads: int
) -> Iterator[tuple[int, ...]]:
    """Run the hub as it is run in earnest, on its own cores; gives its processes."""
    with ProcessGroup(logs=federation.state) as group:
        with on_cores(cores.hub):
            hub = group.start(
                "hub",
                [
                    *(sys.executable, "-m", "broker.cli", "serve"),
                    *("--bind", federation.hub_bind, "--workers", str(workers), "--threads", str(threads)),
                ],
                environment={**_inherited(), **federation.settings},
                directory=_ROOT,
            )
        group.wait_until_ready("hub", f"{federation.hub}/health/ready", timeout=_READY_SECONDS)
        yield process_tree(hub.process.pid)
        group.check()


def discover(federation: Federation) -> Addresses:
    """Ask the hub, which must be running, where its endpoints are."""
    with requests.Session() as http:
        http.trust_env = False
        answer = http.get(f"{federation.hub}{_DISCOVERY}", timeout=_TIMEOUT_SECONDS)
        answer.raise_for_status()
        metadata: dict[str, str] = answer.json()
    return Addresses(
        hub=federation.hub,
        provider=federation.provider,
        authorization_path=urlsplit(metadata["authorization_endpoint"]).path,
        token_path=urlsplit(metadata["token_endpoint"]).path,
        userinfo_path=urlsplit(metadata["userinfo_endpoint"]).path,
    )


def write_registry(directory: Path, service: BenchService, provider: str) -> None:
    """Write the two files of the benchmark's registry."""
    for kind, entry in (("services", _service(service)), ("providers", _provider(provider))):
        file = directory / kind / f"{entry['id']}.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(yaml.safe_dump(entry, sort_keys=False), encoding="utf-8")


def _service(service: BenchService) -> dict[str, Any]:
    return {
        "id": CLIENT_ID,
        "name": {"en": "Benchmark", "cy": "Meincnod"},
        "organisation": "Rivers Agency",
        "sector": "rivers.example",
        "privacy_notice": {"en": "https://rivers.example/privacy"},
        "redirect_uris": [REDIRECT_URI],
        "client_authentication": {"method": "private_key_jwt", "jwks": {"keys": [service.public_key()]}},
        "assurance": {"minimum": "medium.medium"},
        "attributes": [
            _attribute("name", required=True),
            _attribute("age_over_18", required=True),
            _attribute("postcode_area", required=False),
        ],
        "direct_hint": True,
    }


def _attribute(name: str, *, required: bool) -> dict[str, Any]:
    purpose = {"en": "To measure what a sign-in costs", "cy": "I fesur cost mewngofnodi"}
    return {"name": name, "purpose": purpose, "required": required}


def _provider(issuer: str) -> dict[str, Any]:
    return {
        "id": PROVIDER_ID,
        "name": {"en": "Northgate Identity", "cy": "Hunaniaeth Northgate"},
        "kind": "private",
        "adapter": "oidc",
        "settings": {
            "issuer": issuer,
            "client_id": "countersign",
            "client_authentication": {"method": "private_key_jwt"},
            "scopes": ["openid", "profile", "email", "phone", "address"],
            "level_request": "acr_values",
        },
        "levels": {
            f"urn:example:northgate:{level}": {"level": vector, "scheme": "gpg45/0.4"}
            for level, vector in (("high", "high.high"), ("medium", "medium.medium"), ("low", "low.medium"))
        },
        "documents": ["passport", "driving_licence"],
        "certification": {"self_declared": True, "not_after": "2036-12-31"},
    }


def _inherited() -> dict[str, str]:
    """Give our own environment without settings meant for another hub."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
