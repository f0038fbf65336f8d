"""Serving an application over HTTP or TLS with granian until SIGINT or SIGTERM.

Invariant: whatever can be wrong with the address or the TLS files is said before anything listens, and a port
is never shared with another program. Proxy headers are not interpreted here, and no request is logged.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import resource
import signal
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels

DEFAULT_THREADS = 32
"""Threads of one worker.

Threads beyond the first add nothing while requests compute (342 to 393 requests/s with 1 to 32, 358 with 64), but
each request that waits for a provider holds one: with a quarter of 64 people waiting 0.3 s, 4 threads gave 77
requests/s, 16 gave 296, 32 gave 392 and 64 gave 359. So four providers that each use up their eight calls
(`idp_adapters.outbound`) leave the others served. An idle thread costs 0.2 MiB.
"""

LEAST_THREADS = 16
"""Twice the calls that one provider may hold: it may fetch the hub's keys before it answers them."""

# Connections of one worker, idle ones included, because granian counts those too: far more than threads.
_CONNECTIONS = 1024
_FILES = 4096
# Also how long an idle connection is kept.
_HEADER_MILLISECONDS = 10_000
# Granian refuses headers (431) somewhere between this size and its double.
_HEADER_BYTES = 32 * 1024
# Longer than the longest call to a provider, and within the 30 s that container platforms allow.
_PATIENCE_SECONDS = 20
_HIGHEST_PORT = 65_535
_ENDING = (signal.SIGINT, signal.SIGTERM)
_LOGGING: dict[str, Any] = {
    "formatters": {"plain": {"format": "%(levelname)s: %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}
    },
    "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
}

Application = Callable[..., Any]
"""A WSGI application (PEP 3333)."""


class ServingError(Exception):
    """Root of what keeps us from serving: `description` for anybody, `detail` for the operator."""

    description = "The address cannot be served."

    def __init__(self, detail: str) -> None:
        """Keep what the operator needs to know."""
        super().__init__(detail)
        self.detail = detail


class BindAddressError(ServingError):
    """The address to listen on is not HOST:PORT, or its host is not found."""

    description = "The address to listen on must be HOST:PORT."


class AddressInUseError(ServingError):
    """Somebody listens on this address already."""

    description = "Another program listens there already: stop it, or choose another port."


class AddressUnavailableError(ServingError):
    """The address belongs to another machine, or its port to the administrator."""

    description = "This program cannot listen there."


class TlsFilesError(ServingError):
    """The certificate and the key are not both there, cannot be read, or do not belong together."""

    description = "TLS needs a certificate chain and its private key, each in a PEM file."


class ApplicationFailedError(ServingError):
    """A worker could not build the application; `detail` says what it met."""

    description = "The hub could not start."


class WorkersFailedError(ServingError):
    """Workers ended again and again without having been stopped."""

    description = "The hub's workers keep ending by themselves."


@dataclass(frozen=True, slots=True, kw_only=True)
class BindAddress:
    """Where to listen: a numeric host, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        """Write HOST:PORT as it stands in an address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """A certificate chain and its private key, which belong together."""

    certificate: Path
    key: Path


def parse_bind_address(text: str) -> BindAddress:
    """Read HOST:PORT (`[HOST]:PORT` for IPv6) and look the host up, IPv4 first; raises `BindAddressError`."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) <= _HIGHEST_PORT:
        raise BindAddressError(f"{text:.200} is not")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise BindAddressError(f"the host of {text:.200} is not known") from error
    numeric = sorted((family != socket.AF_INET, str(address[0])) for family, _, _, _, address in found)
    return BindAddress(host=numeric[0][1], port=int(port))


def check_address_is_free(address: BindAddress) -> None:
    """Raise `AddressInUseError` or `AddressUnavailableError` unless we may listen there.

    Granian itself would share a taken port, and two hubs would answer by turns.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            refusal = AddressInUseError if taken else AddressUnavailableError
            raise refusal(f"{address}: {error.strerror}") from error


def read_tls_files(certificate: Path | None, key: Path | None) -> TlsFiles | None:
    """Return the two files, or None when neither is given; raises `TlsFilesError`."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise TlsFilesError(f"the {'certificate' if certificate is None else 'key'} is missing")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise TlsFilesError(f"{certificate} and {key} are not: {error}") from error
    return TlsFiles(certificate=certificate, key=key)


def _no_password() -> str:
    raise ValueError("the key is protected by a password, which nobody is there to type")


def serve(
    address: BindAddress,
    build: Callable[[], Application],
    *,
    workers: int = 1,
    threads: int = DEFAULT_THREADS,
    tls: TlsFiles | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then let requests that are under way finish; call it in the main thread.

    `build` makes the application, once in each worker; what it raises is what `ApplicationFailedError` tells.
    A worker that ends by itself is replaced. Raises `AddressInUseError`, `AddressUnavailableError`,
    `ApplicationFailedError`, `WorkersFailedError`.
    """
    check_address_is_free(address)
    _allow_files(_FILES)
    _hold_signals_while_forking()
    failures: SimpleQueue[str] = multiprocessing.SimpleQueue()
    server = Granian(
        "hub",
        address=address.host,
        port=address.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backpressure=_CONNECTIONS,
        # A journey is a handful of requests: HTTP/2 would bring little but its own ways to wear a server out.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS, max_buffer_size=_HEADER_BYTES),
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
        log_access=False,
        ssl_cert=tls.certificate if tls else None,
        ssl_key=tls.key if tls else None,
        ssl_protocol_min=SSLProtocols.tls12,
        respawn_failed_workers=True,
        workers_kill_timeout=_PATIENCE_SECONDS,
    )
    try:
        server.serve(target_loader=partial(_load, build=build, failures=failures, parent=os.getpid()))
    except SystemExit as error:
        # A signal to the whole process group may end a worker before its parent has told it to.
        if not server.interrupt_signal:
            raise WorkersFailedError("see above") from error
    if not failures.empty():
        raise ApplicationFailedError(failures.get())


def _allow_files(wanted: int) -> None:
    """Lift our own limit of open files, where it is below what the connections need and we may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _hold_signals_while_forking() -> None:
    """Let a signal that comes to a new worker wait until it can act on it; the parent's handler would lose it."""
    os.register_at_fork(
        before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, _ENDING),
        after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, _ENDING),
    )


def _load(
    _target: str, *, build: Callable[[], Application], failures: SimpleQueue[str], parent: int
) -> Application:
    """Build the application in a worker; a failure is handed to the parent, which stops everything and tells."""
    _stop_at_the_first_signal()
    _leave_with_parent()
    try:
        return build()
    except Exception as error:  # whatever it is, the operator reads it once and in plain words
        failures.put(f"{error}" or type(error).__name__)
        os.kill(parent, signal.SIGTERM)
        # Until the parent stops us: an exit of our own would be taken for a crash.
        threading.Event().wait()
        raise


def _stop_at_the_first_signal() -> None:
    """Hand granian the first signal to stop, and no other: with a second one its worker hangs (2.8.7).

    Two come whenever a terminal or a supervisor signals every process, because the parent then tells its workers too.
    """
    for number in _ENDING:
        # What was inherited is the parent's own handler; granian sets its worker's later.
        signal.signal(number, signal.SIG_DFL)
    # Blocked in this thread, and so in every thread that is started from it.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)

    def wait_and_stop() -> None:
        number = signal.sigwait(_ENDING)
        stop = signal.getsignal(number)
        if not callable(stop):
            os._exit(1)  # not serving yet
        stop(number, None)
        while True:
            signal.sigwait(_ENDING)

    threading.Thread(target=wait_and_stop, name="wait-for-signal", daemon=True).start()


def _leave_with_parent() -> None:
    """End this worker when its parent was killed and could not say so, rather than keep the port for ever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait_and_leave() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait_and_leave, name="watch-parent", daemon=True).start()
