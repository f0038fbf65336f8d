"""Kept-alive connections that go only to checked addresses and never outlast their deadline.

Invariants: a socket connects to an address that `CheckedResolver` returned in the same step, while TLS
verifies the name; a timeout set on a socket is a deadline for everything read after it, so a peer that drips
bytes is cut off.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from idp_adapters.outbound.addresses import Address, CheckedResolver, Origin, parse_origin

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class _Deadline:
    """The moment after which a socket reads nothing more."""

    _at: float | None = None

    def set(self, timeout: float | None) -> None:
        self._at = None if timeout is None else time.monotonic() + timeout

    def remaining(self) -> float | None:
        if self._at is None:
            return None
        left = self._at - time.monotonic()
        if left <= 0:
            message = "the deadline has passed"
            raise TimeoutError(message)
        return left


class _DeadlineSocket(socket.socket):
    """A TCP socket whose timeout covers all reads that follow together, not each by itself."""

    def __init__(self, family: socket.AddressFamily) -> None:
        super().__init__(family, socket.SOCK_STREAM)
        self._deadline = _Deadline()

    def settimeout(self, value: float | None, /) -> None:
        self._deadline.set(value)
        super().settimeout(value)

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0, /) -> int:
        super().settimeout(self._deadline.remaining())
        return super().recv_into(buffer, nbytes, flags)


class _DeadlineTLSSocket(ssl.SSLSocket):
    """The same over TLS. The handshake has a deadline of its own in the interpreter."""

    _deadline: _Deadline

    def settimeout(self, value: float | None, /) -> None:
        if "_deadline" not in self.__dict__:  # SSLSocket is made by wrap_socket, never by its own __init__
            self._deadline = _Deadline()
        self._deadline.set(value)
        super().settimeout(value)

    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        super().settimeout(self._deadline.remaining())
        return super().recv_into(buffer, nbytes, flags)


def tls_context(ca_bundle: Path | None) -> ssl.SSLContext:
    """Trust the public authorities and those of `ca_bundle`, nothing from the environment; TLS 1.2 up."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = True
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    if ca_bundle is not None:
        context.load_verify_locations(ca_bundle)
    context.sslsocket_class = _DeadlineTLSSocket
    return context


class StaleConnectionError(ConnectionResetError):
    """A kept connection was closed by the other side before a byte of the answer: it had been given up there."""


class _CheckedConnection(HTTPConnection):
    """A connection whose name is resolved, checked and connected to in one step."""

    def __init__(self, *args: Any, resolver: CheckedResolver, **options: Any) -> None:  # noqa: ANN401 - urllib3's
        self._resolver = resolver
        self._answered = False
        super().__init__(*args, **options)

    def _new_conn(self) -> socket.socket:
        deadline = time.monotonic() + _seconds(self.timeout)
        failure: OSError = OSError("no address")
        for address in self._resolver.resolve(self.host.strip("[]"), deadline - time.monotonic()):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                return _connect(address, self.port, left)
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError) or deadline <= time.monotonic():
            raise ConnectTimeoutError(self, f"{self.host} did not accept a connection in time") from failure
        raise NewConnectionError(self, f"{self.host} refused the connection") from failure

    def connect(self) -> None:
        self._answered = False
        super().connect()

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3's, as there
        try:
            response = super().getresponse()
        except ConnectionResetError as error:
            if self._answered:
                raise StaleConnectionError from error
            raise
        self._answered = True
        return response


class _CheckedTLSConnection(_CheckedConnection, HTTPSConnection):
    """The same with TLS, which verifies the certificate against the name, not against the address."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _CheckedConnection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedTLSConnection


class CheckedTransport(HTTPAdapter):
    """Sends prepared requests through one pool per origin: no proxies, cookies, redirects or retries."""

    def __init__(self, *, resolver: CheckedResolver, tls: ssl.SSLContext, connections_kept: int) -> None:
        super().__init__(max_retries=0)
        self._resolver = resolver
        self._tls = tls
        self._kept = connections_kept
        self._pools: dict[Origin, HTTPConnectionPool] = {}
        self._lock = threading.Lock()

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: object,  # noqa: ARG002 - always verified, by our own context
        proxies: object = None,  # noqa: ARG002 - never used: the hub's environment has no say in where it connects
        cert: object = None,  # noqa: ARG002 - client certificates are not offered
    ) -> HTTPConnectionPool:
        """Return the pool of the request's origin; there are as many as registered providers have origins."""
        origin = parse_origin(str(request.url))
        pool = self._pools.get(origin)
        if pool is None:
            with self._lock:
                pool = self._pools.setdefault(origin, self._new_pool(origin))
        return pool

    def _new_pool(self, origin: Origin) -> HTTPConnectionPool:
        if origin.scheme == "http":
            return _Pool(origin.host, origin.port, maxsize=self._kept, resolver=self._resolver)
        return _TLSPool(
            origin.host, origin.port, maxsize=self._kept, resolver=self._resolver, ssl_context=self._tls
        )

    def cert_verify(self, conn: object, url: object, verify: object, cert: object) -> None:
        """Leave verification to the pool's own context: it always verifies."""

    def request_url(self, request: PreparedRequest, proxies: object) -> str:  # noqa: ARG002 - no proxies
        """Return path and query: there is no proxy that would need the whole address."""
        return request.path_url

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:  # noqa: ANN401 - as in requests
        """Wrap the answer, keeping no cookies."""
        response = Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.url = str(req.url)
        response.request = req
        return response

    def close(self) -> None:
        """Close the connections that are kept."""
        super().close()
        with self._lock:
            for pool in self._pools.values():
                pool.close()


def _connect(address: Address, port: int, timeout: float) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 - of the protocol's name
    connection = _DeadlineSocket(family)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(timeout)
        connection.connect((str(address), port))
        return connection
    except BaseException:
        connection.close()
        raise


def _seconds(timeout: object) -> float:
    if not isinstance(timeout, int | float):
        message = "a connection needs a timeout"
        raise TypeError(message)
    return float(timeout)
