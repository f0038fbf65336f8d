"""`countersign serve` with real hubs as processes: faults before the port opens, and what a start brings about."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from broker.demo.processes import ProcessGroup, Running, find_free_port
from tests.broker.cli.countersign import Operator
from tests.broker.cli.test_registry import a_registry
from tests.config.registries import a_service

_PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    url: str
    running: Running

    def is_ready(self) -> bool:
        return requests.get(f"{self.url}/health/ready", timeout=_PATIENCE).status_code == 200

    def stops(self) -> int:
        self.running.process.send_signal(signal.SIGTERM)
        return self.running.process.wait(_PATIENCE)

    def said(self) -> str:
        return self.running.log.read_text()


Serving = Callable[..., Hub]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    with ProcessGroup(logs=tmp_path / "logs") as group:

        def start(operator: Operator, *options: str, ready: str = "ready") -> Hub:
            port = find_free_port()
            url = f"http://127.0.0.1:{port}"
            mine = operator.with_settings(issuer=url).settings
            inherited = {
                name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")
            }
            command = (sys.executable, "-m", "broker.cli", "serve", "--bind", f"127.0.0.1:{port}", *options)
            running = group.start("hub", command, environment={**inherited, **mine})
            group.wait_until_ready("hub", f"{url}/health/{ready}", timeout=_PATIENCE)
            return Hub(url=url, running=running)

        yield start


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    return a_registry(tmp_path / "registry")


@pytest.fixture
def with_registry(operator: Operator, registry: Path) -> Operator:
    return operator.with_settings(registry=str(registry))


def _kinds(operator: Operator) -> list[str]:
    return [entry["kind"] for entry in operator.journal()]


def test_a_first_start_makes_schema_and_keys_applies_the_registry_and_serves(
    serving: Serving, with_registry: Operator
) -> None:
    hub = serving(with_registry)
    assert hub.is_ready()
    assert f"Countersign serves {hub.url} on {hub.url}" in hub.said()
    assert _kinds(with_registry) == ["schema.upgraded", "keys.created", "registry.applied"]
    assert with_registry.reads("registry", "show")["revision"] == 1
    assert hub.stops() == 0
    assert "Traceback" not in hub.said()


def test_a_later_start_repeats_nothing_and_takes_over_what_is_new_in_the_registry(
    serving: Serving, with_registry: Operator, registry: Path
) -> None:
    assert serving(with_registry).stops() == 0
    assert serving(with_registry).stops() == 0
    assert _kinds(with_registry) == ["schema.upgraded", "keys.created", "registry.applied"]
    a_registry(registry, services=[a_service(organisation="Lakes Agency")])
    assert serving(with_registry).stops() == 0
    assert _kinds(with_registry)[3:] == ["registry.applied"]
    assert with_registry.reads("registry", "show")["revision"] == 2


def test_a_hub_without_a_registry_is_alive_but_not_ready_until_one_is_applied(
    serving: Serving, operator: Operator, registry: Path
) -> None:
    hub = serving(operator, ready="live")
    assert not hub.is_ready()
    assert "countersign registry apply" in hub.said()
    operator.succeeds("registry", "apply", registry)
    assert hub.is_ready()


def test_several_workers_serve_one_embedded_database(serving: Serving, with_registry: Operator) -> None:
    hub = serving(with_registry, "--workers", "2")
    assert all(hub.is_ready() for _ in range(10))
    assert hub.stops() == 0


def test_a_taken_port_is_told_and_nothing_is_touched(operator: Operator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        message = operator.fails("serve", "--bind", f"127.0.0.1:{port}")
    assert message.startswith("Another program listens there already")
    assert f"127.0.0.1:{port}" in message
    assert list(operator.directory.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--bind", "8400"), "HOST:PORT"),
        (("--metrics-bind", "9090"), "HOST:PORT"),
        (("--bind", "127.0.0.1:8499", "--metrics-bind", "127.0.0.1:8499"), "an address of their own"),
        (("--tls-cert", "certificate.pem"), "the key is missing"),
        (("--tls-cert", "nowhere.pem", "--tls-key", "nowhere.pem"), "nowhere.pem"),
    ],
)
def test_options_that_cannot_be_honoured_are_refused(
    operator: Operator, options: tuple[str, ...], told: str
) -> None:
    assert told in operator.fails("serve", *options)
    assert list(operator.directory.iterdir()) == []


def test_every_fault_of_the_registry_is_told_before_the_port_opens(
    with_registry: Operator, registry: Path
) -> None:
    a_registry(
        registry, services=[a_service(sector="NOT A SECTOR", redirect_uris=[])], adapter="carrier_pigeon"
    )
    (registry / "services" / "1.yaml").write_text("id: [")
    message = with_registry.fails("serve", "--bind", f"127.0.0.1:{find_free_port()}")
    for place in ("services/0.yaml:", "services/1.yaml:", "providers/0.yaml:"):
        assert place in message
    for field in ("sector", "redirect_uris", "adapter"):
        assert f": {field}: " in message


def test_outside_local_missing_keys_are_not_made(operator: Operator) -> None:
    hub = operator.with_settings(environment="integration")
    message = hub.fails("serve", "--bind", f"127.0.0.1:{find_free_port()}")
    assert "countersign keys create" in message
    assert not operator.keys.exists()


def test_a_key_that_others_may_read_keeps_the_hub_from_starting(operator: Operator) -> None:
    operator.succeeds("db", "upgrade")
    operator.succeeds("keys", "create")
    for file in operator.keys.glob("seal.*.json"):
        file.chmod(0o644)
    assert "chmod 600" in operator.fails("serve", "--bind", f"127.0.0.1:{find_free_port()}")


def test_a_database_of_a_newer_version_keeps_the_hub_from_starting(operator: Operator) -> None:
    operator.succeeds("db", "upgrade")
    operator.sql("UPDATE alembic_version SET version_num = '9999'")
    assert "another version of Countersign" in operator.fails(
        "serve", "--bind", f"127.0.0.1:{find_free_port()}"
    )


def test_a_hub_that_cannot_be_built_is_told_in_plain_words(operator: Operator, tmp_path: Path) -> None:
    # The parent has looked at everything that it can; what only a worker finds must read no worse.
    program = (
        "import broker.cli.serve as serve; serve.prepare = lambda *_, **__: None; "
        "from broker.cli import main; main()"
    )
    with ProcessGroup(logs=tmp_path / "logs") as group:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
        running = group.start(
            "hub",
            (sys.executable, "-c", program, "serve", "--bind", f"127.0.0.1:{find_free_port()}"),
            environment={**inherited, **operator.settings},
        )
        assert running.process.wait(_PATIENCE) == 1
        said = running.log.read_text()
    assert said.count("Error: ") == 1
    assert "The hub could not start. (there is no key store at" in said
    assert "Traceback" not in said
