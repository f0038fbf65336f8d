"""A simulated provider as its own process over real HTTP or TLS, for tests of whatever stands before it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parents[3]
_PATIENCE_SECONDS = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_oidc_stub(port: int, issuer: str, *arguments: str) -> subprocess.Popen[str]:
    """Start the process and return at once; see `running_oidc_stub` for one that listens."""
    command = [sys.executable, "-m", "idp_adapters.certification.simulator", "oidc"]
    return subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", "--issuer", issuer, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def wait_until_it_listens(port: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"The stub ended with {process.returncode}: {process.communicate()[0]}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("The stub does not listen.")


@contextmanager
def running_oidc_stub(*arguments: str, scheme: str = "http", path: str = "") -> Iterator[str]:
    """Run a stub until the block ends; gives its issuer."""
    port = free_port()
    issuer = f"{scheme}://127.0.0.1:{port}{path}"
    process = start_oidc_stub(port, issuer, *arguments)
    try:
        wait_until_it_listens(port, process)
        yield issuer
    finally:
        process.terminate()
        process.communicate(timeout=_PATIENCE_SECONDS)
