"""A database server of the tests' own: started, stopped, killed and started again on the same port and directory."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from broker.demo.processes import find_free_port

_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.02


@dataclass(slots=True, kw_only=True)
class Server:
    """One server: `command` runs in the foreground, `answers` says whether it can be used, `quit` ends it at once."""

    command: Sequence[str]
    answers: Callable[[], bool]
    quit: signal.Signals
    directory: Path
    user: str | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        return self.directory / "server.log"

    def start(self) -> None:
        """Return when it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.log.read_text(encoding="utf-8", errors="replace")[-2000:])
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """End it in order, whoever is connected."""
        self._end(self.quit)

    def kill(self) -> None:
        """End it at once and with everything that it started, as a power cut would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        """Let it answer nobody until `resume`, as a machine that swaps or a network that drops packets."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def remove(self) -> None:
        """Stop it and remove all that it kept."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        if number is signal.SIGKILL:
            self._signal(number)
        else:
            self._process.send_signal(number)
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()
        self._process = None

    def _signal(self, number: signal.Signals) -> None:
        """To the server and all that it started."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def server_user() -> str | None:
    """Whom a server runs as that refuses to be root: its package's own user, or us when we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def new_directory(name: str, user: str | None) -> Path:
    """Make an empty directory that only `user` may enter; pytest's own are closed to other users."""
    directory = Path(tempfile.mkdtemp(prefix=f"countersign-{name}-"))
    if user is not None:
        shutil.chown(directory, user, user if user != "nobody" else "nogroup")
    return directory


def free_port() -> int:
    return find_free_port()
