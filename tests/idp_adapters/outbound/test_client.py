"""What the outbound client sends and accepts, over real sockets (A-UO-09, A-OP-07)."""

from __future__ import annotations

import gzip
import itertools
import socket
from typing import Any

import pytest

from idp_adapters.errors import (
    ProviderUnavailableError,
    UntrustedAnswerError,
)
from idp_adapters.outbound import AllowList, OutboundClient, OutboundRequest, OutboundResponse
from tests.idp_adapters.outbound.calls import OK, fetch, refusal
from tests.idp_adapters.outbound.scripted_server import (
    answering,
    json_answer,
    read_head,
    serving,
)


def test_an_answer_comes_back_whole_with_its_bare_content_type(client: OutboundClient) -> None:
    answer = OK.replace(b"application/json", b"Application/JSON; charset=utf-8")
    with serving(answering(answer)) as server:
        response = fetch(client, server)
    assert response == OutboundResponse(status=200, content_type="application/json", body=b'{"a": 1}')
    assert response.json_object("it") == {"a": 1}


def test_connections_are_kept_alive(client: OutboundClient) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunked += b'4\r\n{"a"\r\n4\r\n: 1}\r\n0\r\n\r\n'
    for answer in (OK, chunked, json_answer(b"{}", status=b"400 Bad Request")):
        with serving(answering(answer)) as server:
            for _ in range(5):
                fetch(client, server)
            assert server.connections == 1


def test_a_kept_connection_that_was_given_up_is_replaced_once(client: OutboundClient) -> None:
    def script(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(OK)
        read_head(connection)

    with serving(script) as server:
        for _ in range(3):
            assert fetch(client, server, method="POST", body=b"").status == 200
        assert server.connections == 3


def test_a_new_connection_that_is_hung_up_on_is_not_tried_again(client: OutboundClient) -> None:
    with serving(read_head) as server:
        with pytest.raises(ProviderUnavailableError):
            fetch(client, server)
        assert server.connections == 1


def test_a_request_says_nothing_that_it_need_not(
    client: OutboundClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    heads: list[bytes] = []

    def script(connection: socket.socket) -> None:
        while head := read_head(connection):
            heads.append(head)
            connection.sendall(json_answer(b"{}", b"Set-Cookie: tracked=1"))

    with serving(script) as server:
        for _ in range(2):
            fetch(client, server, "/x?y=z")
    assert heads[0] == heads[1]
    assert heads[0].split(b"\r\n") == [
        b"GET /x?y=z HTTP/1.1",
        b"Host: 127.0.0.1:%d" % server.port,
        b"User-Agent: countersign-test",
        b"Accept-Encoding: identity",
        b"Accept: application/json",
        b"",
        b"",
    ]


def test_a_form_is_posted_with_its_length(client: OutboundClient) -> None:
    received: list[bytes] = []

    def script(connection: socket.socket) -> None:
        head = read_head(connection)
        while not head.endswith(b"code=1"):
            head += connection.recv(100)
        received.append(head)
        connection.sendall(OK)

    with serving(script) as server:
        fetch(client, server, method="POST", body=b"code=1", headers={"Content-Type": "text/x"})
    assert received[0].startswith(b"POST / HTTP/1.1\r\n")
    assert b"\r\nContent-Length: 6\r\n" in received[0]
    assert b"\r\nContent-Type: text/x\r\n" in received[0]


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"303 See", b"307 Keep", b"308 Keep"])
def test_a_uo_09_a_redirect_is_not_followed(status: bytes, client: OutboundClient) -> None:
    with serving(answering(OK)) as inside:
        location = b"Location: http://127.0.0.1:%d/" % inside.port
        error, _ = refusal(client, answering(json_answer(b"{}", location, status=status)))
        assert isinstance(error, UntrustedAnswerError)
        assert "redirects are not followed" in error.detail
        assert inside.connections == 0


def test_a_uo_09_a_call_outside_the_pinned_origins_is_not_made(client: OutboundClient) -> None:
    with serving(answering(OK)) as pinned, serving(answering(OK)) as other:
        origins = frozenset({client.origin_of(f"http://127.0.0.1:{pinned.port}")})
        with pytest.raises(UntrustedAnswerError, match="pinned"):
            fetch(client, other, origins=origins)
        assert other.connections == 0


def test_a_uo_09_a_private_address_is_not_connected_to() -> None:
    client = OutboundClient(allow=AllowList(), user_agent="x")
    for host in ("10.255.255.1", "169.254.169.254", "127.0.0.1", "[::1]"):
        url = f"https://{host}/jwks"
        request = OutboundRequest(url=url, origins=frozenset({client.origin_of(url)}))
        with pytest.raises(UntrustedAnswerError, match="may not connect"):
            client.fetch("northgate", request)


def test_a_uo_09_a_name_that_is_rebound_to_this_machine_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first look-up is public, every later one is loopback: whoever looks twice connects inside."""
    looks = itertools.count()
    connected: list[object] = []

    def getaddrinfo(*_arguments: object, **_kind: object) -> list[Any]:
        address = "93.184.216.34" if next(looks) == 0 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))]

    def connect(_self: socket.socket, address: object) -> None:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connect)
    client = OutboundClient(allow=AllowList(), user_agent="x")
    url = "https://rebound.example/jwks"
    request = OutboundRequest(url=url, origins=frozenset({client.origin_of(url)}))
    with pytest.raises(ProviderUnavailableError):
        client.fetch("northgate", request)
    with pytest.raises(UntrustedAnswerError):
        client.fetch("northgate", request)
    assert connected == [("93.184.216.34", 443)]


def test_a_uo_09_a_body_that_says_it_is_too_large_is_not_read(client: OutboundClient) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2001\r\n\r\n"
    error, seconds = refusal(client, answering(head))
    assert isinstance(error, UntrustedAnswerError)
    assert "larger than 2000 bytes" in error.detail
    assert seconds < 4


@pytest.mark.parametrize("framing", [b"Transfer-Encoding: chunked", b"Connection: close"])
def test_a_uo_09_an_endless_body_is_cut_at_its_cap(framing: bytes, client: OutboundClient) -> None:
    sent = itertools.count()

    def script(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + framing + b"\r\n\r\n")
        part = b"3e8\r\n" + b" " * 1000 + b"\r\n" if b"chunked" in framing else b" " * 1000
        while True:
            connection.sendall(part)
            next(sent)

    error, seconds = refusal(client, script)
    assert isinstance(error, UntrustedAnswerError)
    assert "larger than 2000 bytes" in error.detail
    assert seconds < 4


def test_a_body_of_exactly_the_cap_is_read(client: OutboundClient) -> None:
    with serving(answering(json_answer(b" " * 2000))) as server:
        assert len(fetch(client, server).body) == 2000


def test_a_op_07_a_compressed_body_is_not_inflated(client: OutboundClient) -> None:
    bomb = gzip.compress(b" " * 1_000_000)
    assert len(bomb) < 2000
    error, _ = refusal(client, answering(json_answer(bomb, b"Content-Encoding: gzip")))
    assert isinstance(error, UntrustedAnswerError)
    assert "compressed" in error.detail
