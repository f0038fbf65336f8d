"""The whole federation on one machine, in the foreground: hub, stand-in provider, two services.

Whatever happens, nothing that was started here is left running. State stays in one directory between runs,
and nothing outside that directory is written or removed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from types import FrameType

from broker.demo.catalogue import FISHING_LICENCE, LIBRARY_CARD, Presentation
from broker.demo.errors import DemoError, PortInUseError
from broker.demo.processes import ProcessGroup, is_port_in_use

HUB = "http://localhost:8400"
NORTHGATE = "http://localhost:8401"
_READY_SECONDS = 60.0
_LOOK_SECONDS = 0.5
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Everything the demonstration ever writes into its directory; nothing else is removed by a reset.
_OWN_FILES = ("hub.db*", "*.log")
_OWN_DIRECTORIES = ("keys", "registry", "services")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One program of the federation; `ready` answers 200 once it serves."""

    name: str
    title: str
    port: int
    command: tuple[str, ...]
    ready: str
    settings: dict[str, str] = field(default_factory=dict)


def run_demo(state: Path, *, reset: bool = False) -> int:
    """Run the federation until Ctrl-C or SIGTERM and give the exit status: 0, or 1 when it could not go on.

    `state` is the directory that keeps everything between runs; `reset` empties it first. What went wrong is
    said on standard error, in plain words.
    """
    try:
        with _stopping_on_signals():
            _run(state.resolve(), reset=reset)
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
        return 0
    except DemoError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


def _run(state: Path, *, reset: bool) -> None:
    others, hub = _others(state), _hub(state)
    # Looked at before a reset, so that a demonstration that is running keeps its state.
    for member in (*others, hub):
        if is_port_in_use(member.port):
            raise PortInUseError(port=member.port, needed_for=member.title)
    if reset:
        remove_state(state)
    prepare_state(state)
    with ProcessGroup(logs=state) as group, _undisturbed_at_the_end():
        print("Starting …", flush=True)
        _start(group, others)
        # Last, so that it finds its provider and the services' keys when it first looks for them.
        _start(group, (hub,))
        print(_welcome(state), flush=True)
        while True:
            group.check()
            time.sleep(_LOOK_SECONDS)


def _start(group: ProcessGroup, members: tuple[Member, ...]) -> None:
    environment = _inherited()
    for member in members:
        group.start(member.name, member.command, environment=environment | member.settings)
    for member in members:
        group.wait_until_ready(member.name, member.ready, timeout=_READY_SECONDS)


def _inherited() -> dict[str, str]:
    """Give our own environment without settings meant for another hub, and with no proxy for this machine."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
    for name in ("no_proxy", "NO_PROXY"):
        environment[name] = ",".join(filter(None, (os.environ.get(name), "localhost,127.0.0.1,::1")))
    return environment


def prepare_state(state: Path) -> None:
    """Make the directory, and copy the sample registry into it unless it holds one; raises DemoError."""
    registry = state / "registry"
    try:
        state.mkdir(parents=True, exist_ok=True)
        if registry.exists():
            return
        with resources.as_file(resources.files("config") / "samples" / "demo") as sample:
            # Renamed when whole, so that a copy cut short is not taken for a registry.
            unfinished = state / "registry.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            shutil.copytree(sample, unfinished)
            unfinished.rename(registry)
    except OSError as error:
        raise DemoError(f"The directory {state} cannot be prepared: {error}") from error


def remove_state(state: Path) -> None:
    """Remove what earlier runs left, and only that; raises DemoError."""
    try:
        for pattern in _OWN_FILES:
            for file in state.glob(pattern):
                file.unlink()
        for name in _OWN_DIRECTORIES:
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(state / name)
    except OSError as error:
        raise DemoError(f"The directory {state} cannot be emptied: {error}") from error


def _hub(state: Path) -> Member:
    return Member(
        name="hub",
        title="the hub",
        port=8400,
        command=(sys.executable, "-m", "broker.cli", "serve", "--bind", "127.0.0.1:8400"),
        ready=f"{HUB}/health/ready",
        settings={
            "COUNTERSIGN_ISSUER": HUB,
            "COUNTERSIGN_DATABASE_URL": f"sqlite:///{state / 'hub.db'}",
            "COUNTERSIGN_KEYS": str(state / "keys"),
            "COUNTERSIGN_REGISTRY": str(state / "registry"),
            "COUNTERSIGN_OPERATOR_NAME": "Demonstration Federation Office",
        },
    )


def _others(state: Path) -> tuple[Member, ...]:
    northgate = Member(
        name="northgate",
        title="the provider Northgate Identity",
        port=8401,
        command=(
            *(sys.executable, "-m", "broker.cli", "stub-provider", "oidc"),
            *("--bind", "127.0.0.1:8401", "--issuer", NORTHGATE),
        ),
        ready=f"{NORTHGATE}/.well-known/openid-configuration",
    )
    return (northgate, *(_service(state, service) for service in (FISHING_LICENCE, LIBRARY_CARD)))


def _service(state: Path, service: Presentation) -> Member:
    own_url = f"http://localhost:{service.port}"
    return Member(
        name=service.client_id,
        title=f"the service “{service.name}”",
        port=service.port,
        command=(
            *(sys.executable, "-m", "broker.demo.service", "--client-id", service.client_id),
            *("--issuer", HUB, "--own-url", own_url, "--bind", f"127.0.0.1:{service.port}"),
            *("--state-dir", str(state / "services" / service.client_id)),
        ),
        ready=f"{own_url}/jwks",
    )


def _welcome(state: Path) -> str:
    return f"""
Countersign is running on this machine. Everyone and everything in it is made up.

  Renew a fishing licence   http://localhost:{FISHING_LICENCE.port}
  Join the library          http://localhost:{LIBRARY_CARD.port}
  Northgate Identity        {NORTHGATE}   (stands in for an identity provider)
  The hub between them      {HUB}

What to try:
  1. Renew a fishing licence: sign in with Northgate Identity as “complete”, and allow what is asked.
  2. Join the library in the same browser: the hub still knows you, and the library gets another “sub”.
  3. In a private window, start again as “complete-1” and refuse: the service is told so, and nothing else.
  4. In another, choose another person or another outcome at Northgate Identity, and see what becomes of it.

State and logs are in {state}. `make demo RESET=1` starts anew. Ctrl-C stops everything.
"""


@contextlib.contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the demonstration as Ctrl-C does."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _undisturbed_at_the_end() -> Iterator[None]:
    """Ignore further signals once the end has begun, so that stopping the programs is not cut short."""
    try:
        yield
    finally:
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)
