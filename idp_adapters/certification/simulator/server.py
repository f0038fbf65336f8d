"""A simulated provider as its own process: one worker, real HTTP or TLS, nothing logged, gone at a signal."""

from __future__ import annotations

import os
import socket
import ssl
from dataclasses import dataclass
from functools import partial
from multiprocessing import parent_process
from threading import Thread
from typing import TYPE_CHECKING, Final

from granian import Granian
from granian.constants import Interfaces

from idp_adapters.certification.simulator.errors import AddressInUseError, BindAddressError, TlsFilesError
from idp_adapters.certification.simulator.oidc.options import StubOptions, parse_issuer
from idp_adapters.certification.simulator.oidc.stub import create_oidc_stub

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

# A thread sleeps through each `slow` answer, so there are many; an idle one costs nothing.
_THREADS: Final = 128
_HIGHEST_PORT: Final = 65_535
_PATIENCE_SECONDS: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BindAddress:
    """A numeric host and a port to listen on."""

    host: str
    port: int


def serve_oidc(
    bind: str,
    issuer: str,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    *,
    options: StubOptions | None = None,
) -> None:
    """Serve a simulated OpenID Provider until SIGINT or SIGTERM; call it in the main thread.

    bind: HOST:PORT, `[HOST]:PORT` for IPv6. Raises `BindAddressError`, `AddressInUseError`, `IssuerError` and
    `TlsFilesError` before anything listens.
    """
    load = partial(_load_oidc, issuer=parse_issuer(issuer), options=options or StubOptions())
    _serve(parse_bind_address(bind), load, tls_cert, tls_key)


def parse_bind_address(value: str) -> BindAddress:
    """Read HOST:PORT and look the host up, IPv4 first. Raises `BindAddressError`."""
    host, separator, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if (
        not separator
        or not host
        or not port.isascii()
        or not port.isdigit()
        or not 0 < int(port) <= _HIGHEST_PORT
    ):
        raise BindAddressError("The address to listen on must be HOST:PORT.", detail=f"--bind {value!r:.200}")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise BindAddressError(
            "The host to listen on has no address.", detail=f"--bind {value!r:.200}"
        ) from error
    numeric = sorted((family != socket.AF_INET, str(address[0])) for family, _, _, _, address in found)
    return BindAddress(host=numeric[0][1], port=int(port))


def _serve(address: BindAddress, load: Callable[[str], Flask], cert: Path | None, key: Path | None) -> None:
    _check_tls_files(cert, key)
    _check_free(address)
    Granian(
        "simulated-provider",
        address=address.host,
        port=address.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=_THREADS,
        websockets=False,
        log_enabled=False,
        log_access=False,
        ssl_cert=cert,
        ssl_key=key,
        workers_kill_timeout=_PATIENCE_SECONDS,
    ).serve(target_loader=load)


def _load_oidc(_target: str, *, issuer: str, options: StubOptions) -> Flask:
    # Imported in the worker: the parent only watches, and need not wait for Flask.
    _leave_with_parent()
    return create_oidc_stub(issuer, options=options)


def _leave_with_parent() -> None:
    """End this worker when its parent was killed and could not say so, rather than keep the port for ever."""
    parent = parent_process()
    if parent is None:
        return

    def wait_and_leave() -> None:
        parent.join()
        os._exit(1)

    Thread(target=wait_and_leave, name="watch-parent", daemon=True).start()


def _check_tls_files(cert: Path | None, key: Path | None) -> None:
    if cert is None and key is None:
        return
    if cert is None or key is None:
        raise TlsFilesError("A TLS certificate and its key come together.", detail=f"cert {cert}, key {key}")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    except OSError as error:  # of which ssl.SSLError is one
        raise TlsFilesError(
            "The TLS files cannot be read as certificate and key.",
            detail=f"cert {cert}, key {key}: {error.strerror}",
        ) from error


def _check_free(address: BindAddress) -> None:
    """Refuse a taken port: granian shares ports, so that two providers would answer by turns."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise AddressInUseError(
                "The address is in use or not this machine's.",
                detail=f"{address.host}:{address.port}: {error.strerror}",
            ) from error
