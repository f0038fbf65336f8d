"""The cheapest HTTP/1.1 client that will do, so that whoever drives the hub does not starve it.

It reads what the hub and the stub send (a Content-Length, no trailers) and refuses anything else.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from bench.errors import JourneyFailedError

_TIMEOUT_SECONDS: Final = 60.0
_PIECE: Final = 65_536
_FORM: Final = "Content-Type: application/x-www-form-urlencoded\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """One answer; header names are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Give the first header of that name, or an empty text."""
        return next((value for known, value in self.headers if known == name), "")

    @property
    def redirects(self) -> bool:
        """Whether it sends the browser on, by GET."""
        return self.status in {HTTPStatus.FOUND, HTTPStatus.SEE_OTHER}


class Connection:
    """A kept-alive connection to one origin; opened at its first use."""

    def __init__(self, origin: str) -> None:
        """`origin` is http://HOST:PORT."""
        parts = urlsplit(origin)
        self.origin = origin
        self._address = (parts.hostname or "", parts.port or 80)
        self._host = parts.netloc
        self._socket: socket.socket | None = None

    def get(self, target: str, *, headers: str = "") -> HttpAnswer:
        """Ask for a path and query on this origin; `headers` are whole lines."""
        return self._ask(f"GET {target} HTTP/1.1\r\nHost: {self._host}\r\n{headers}\r\n".encode())

    def post(self, target: str, form: str, *, headers: str = "") -> HttpAnswer:
        """Post an urlencoded form."""
        head = f"POST {target} HTTP/1.1\r\nHost: {self._host}\r\n{headers}{_FORM}"
        return self._ask(f"{head}Content-Length: {len(form)}\r\n\r\n{form}".encode())

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _ask(self, request: bytes) -> HttpAnswer:
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, timeout=_TIMEOUT_SECONDS)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(request)
            answer = _read(self._socket)
        except (OSError, ValueError) as error:
            self.close()
            raise JourneyFailedError(f"no answer: {type(error).__name__}: {error}") from error
        if answer.header("connection").lower() == "close":
            self.close()
        return answer


def _read(stream: socket.socket) -> HttpAnswer:
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _more(stream)
    first, *lines = received[:end].decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.lower(), value.strip()) for name, _, value in pairs)
    names = dict(headers)
    status = int(first.split(" ", 2)[1])
    if "transfer-encoding" in names or ("content-length" not in names and status != HTTPStatus.NO_CONTENT):
        raise ValueError("an answer without a Content-Length")
    body = received[end + 4 :]
    pieces, missing = [body], int(names.get("content-length", "0")) - len(body)
    while missing > 0:
        pieces.append(_more(stream))
        missing -= len(pieces[-1])
    return HttpAnswer(status=status, headers=headers, body=b"".join(pieces))


def _more(stream: socket.socket) -> bytes:
    piece = stream.recv(_PIECE)
    if not piece:
        raise ConnectionResetError("the other side closed the connection")
    return piece
