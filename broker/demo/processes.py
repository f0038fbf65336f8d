"""Programs that run beside each other: started, waited for and stopped together, leaving nothing behind.

Each program leads a process group of its own, so that a Ctrl-C at the terminal reaches only us and stopping
reaches everything that the program started. The demonstration and the tests' fixtures use it in the same way:

    with ProcessGroup(logs=Path("logs")) as group:
        group.start("hub", [sys.executable, "-m", "broker.cli", "serve"], environment={...})
        group.wait_until_ready("hub", "http://localhost:8400/health/ready", timeout=30)
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from broker.demo.errors import NoFreePortError, NotReadyError, ProcessEndedError

_POLL_SECONDS = 0.05
_STOP_SECONDS = 8.0
_TAIL_LINES = 20
_TAIL_BYTES = 16_384
_SERVER_PORTS = range(20_000, 32_000)
_MOST_TRIES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A program that was started; both its output streams go to `log`."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself or been stopped."""
        return self.process.poll() is not None

    def log_tail(self) -> str:
        """Give the last lines of its output."""
        with self.log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-_TAIL_LINES:])

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program and all that it started; nothing happens when they are gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


class ProcessGroup:
    """Programs by name; leaving the `with` block stops them all, the last one started first."""

    def __init__(self, *, logs: Path) -> None:
        """Keep each program's output in `logs/<name>.log`, made anew at each start of the group."""
        self._logs = logs
        self._running: dict[str, Running] = {}
        self._stopped: set[str] = set()
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_all()

    def __getitem__(self, name: str) -> Running:
        return self._running[name]

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> Running:
        """Start a program; `environment` is all that it gets. Under a name used before, its log is continued.

        Raises ValueError while a program of that name runs.
        """
        before = self._running.get(name)
        if before is not None and not before.ended:
            raise ValueError(f"{name} is running")
        log = self._logs / f"{name}.log"
        with log.open("ab" if before is not None else "wb") as output:
            process = subprocess.Popen(  # noqa: S603 - the command is the caller's own, and no shell reads it
                list(command),
                cwd=directory,
                env=None if environment is None else dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running[name] = Running(name=name, process=process, log=log)
        self._stopped.discard(name)
        return self._running[name]

    def wait_until_ready(self, name: str, url: str, *, timeout: float, ca_bundle: Path | None = None) -> None:
        """Return when `url` answers 200; `timeout` in seconds.

        Raises NotReadyError when it takes too long, and ProcessEndedError as soon as any program of the group
        ends.
        """
        deadline = time.monotonic() + timeout
        while not _answers(url, ca_bundle):
            self.check()
            if time.monotonic() > deadline:
                raise NotReadyError(name=name, url=url, log_tail=self._running[name].log_tail())
            time.sleep(_POLL_SECONDS)

    def check(self) -> None:
        """Raise ProcessEndedError for a program that has ended without being stopped."""
        for running in self._running.values():
            code = running.process.poll()
            if code is not None and running.name not in self._stopped:
                raise ProcessEndedError(name=running.name, exit_code=code, log_tail=running.log_tail())

    def stop(self, name: str) -> None:
        """Stop one program, kindly first; it may be started again under the same name."""
        self._stopped.add(name)
        _stop([self._running[name]])

    def kill(self, name: str) -> None:
        """End one program and all that it started at once, as a power cut would."""
        self._stopped.add(name)
        running = self._running[name]
        running.signal(signal.SIGKILL)
        running.process.wait()

    def stop_all(self) -> None:
        """Stop every program, the last one started first."""
        left = [running for running in self._running.values() if running.name not in self._stopped]
        self._stopped.update(self._running)
        _stop(left[::-1])


def wait_until_ready(url: str, timeout: float, *, ca_bundle: Path | None = None) -> None:
    """Return when `url` answers 200, whoever serves it; raises NotReadyError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not _answers(url, ca_bundle):
        if time.monotonic() > deadline:
            raise NotReadyError(name=url, url=url, log_tail="")
        time.sleep(_POLL_SECONDS)


def find_free_port(host: str = "127.0.0.1") -> int:
    """Give a TCP port that nobody listens on and nobody else was given; raises NoFreePortError.

    It is chosen by chance below the ports from which systems make outgoing connections: one of those may be taken by
    somebody's connection before the program that it is meant for listens. It is kept for this process until it ends,
    so that two that look for ports at the same time never find the same one.
    """
    for _ in range(_MOST_TRIES):
        port = secrets.choice(_SERVER_PORTS)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind((host, port))
            _keep(port)
            return port
    raise NoFreePortError


def _keep(port: int) -> None:
    """Hold the port's lock for as long as this process lives; raises OSError when another holds it."""
    directory = Path(tempfile.gettempdir()) / f"countersign-ports-{os.getuid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(directory / str(port), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise


def is_port_in_use(port: int) -> bool:
    """Say whether somebody listens on the port at `localhost`, by IPv4 or IPv6."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with contextlib.suppress(OSError), socket.socket(family) as probe:
            probe.settimeout(1)
            if probe.connect_ex((host, port)) == 0:
                return True
    return False


def _answers(url: str, ca_bundle: Path | None) -> bool:
    with requests.Session() as http:
        # A proxy from the environment must not be asked for an address of this machine.
        http.trust_env = False
        try:
            answer = http.get(url, timeout=2, verify=str(ca_bundle) if ca_bundle else True)
            return answer.status_code == HTTPStatus.OK
        except requests.RequestException:
            return False


def _stop(programs: list[Running]) -> None:
    for running in programs:
        if not running.ended:
            running.signal(signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    for running in programs:
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.process.wait(timeout=max(0.0, deadline - time.monotonic()))
    for running in programs:
        # Also when the program itself has ended: what it started may still be there.
        running.signal(signal.SIGKILL)
        running.process.wait()
