"""Providers that are slow, broken or silent cost only themselves (A-OP-02)."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from idp_adapters.errors import (
    ProviderBusyError,
    ProviderUnavailableError,
    UntrustedAnswerError,
)
from idp_adapters.outbound import AllowList, OutboundClient, OutboundRequest
from tests.idp_adapters.outbound.calls import OK, fetch, refusal
from tests.idp_adapters.outbound.scripted_server import (
    Script,
    ScriptedServer,
    answering,
    json_answer,
    read_head,
    serving,
)


def _dripping(before: bytes, drop: bytes) -> Script:
    def script(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(before)
        while True:
            time.sleep(0.05)
            connection.sendall(drop)

    return script


@pytest.mark.parametrize(
    ("before", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2000\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n", b" "),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"1\r\n \r\n",
        ),
    ],
    ids=["status line", "header", "headers", "interim answers", "body", "unbounded body", "chunks"],
)
def test_a_op_02_a_provider_that_drips_bytes_is_cut_at_the_deadline(
    before: bytes, drop: bytes, client: OutboundClient
) -> None:
    error, seconds = refusal(client, _dripping(before, drop))
    assert isinstance(error, ProviderUnavailableError)
    assert seconds < 4


def test_a_op_02_the_deadline_holds_on_a_kept_connection_too(client: OutboundClient) -> None:
    def script(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(OK)
        _dripping(b"HTTP/1.1 200 OK\r\n", b"x")(connection)

    with serving(script) as server:
        fetch(client, server)
        time.sleep(0.3)
        started = time.monotonic()
        with pytest.raises(ProviderUnavailableError):
            fetch(client, server)
        assert 0.5 < time.monotonic() - started < 4
        assert server.connections == 1


def _stall(connection: socket.socket) -> None:
    time.sleep(8)
    connection.close()


def test_a_op_02_a_provider_that_accepts_and_says_nothing_is_cut_at_the_deadline(
    client: OutboundClient,
) -> None:
    error, seconds = refusal(client, _stall)
    assert isinstance(error, ProviderUnavailableError)
    assert seconds < 4


def test_a_op_02_a_refused_connection_is_an_unavailable_provider(client: OutboundClient) -> None:
    with serving(answering(OK)) as server:
        pass
    with pytest.raises(ProviderUnavailableError, match="no answer"):
        fetch(client, server)


@pytest.mark.parametrize(
    "answer",
    [
        json_answer(b"{}", status=b"500 Internal Server Error"),
        json_answer(b"{}", status=b"503 Service Unavailable"),
        json_answer(b"{}", status=b"429 Too Many Requests"),
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["500", "503", "429", "hang-up", "no HTTP", "truncated", "many headers", "long header", "bad chunk"],
)
def test_a_op_02_a_provider_that_fails_is_unavailable(answer: bytes, client: OutboundClient) -> None:
    def script(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(answer)

    error, _ = refusal(client, script)
    assert isinstance(error, ProviderUnavailableError)
    assert "nonsense" not in error.detail


@pytest.mark.parametrize(
    "answer",
    [
        OK.replace(b"application/json", b"text/html"),
        OK.replace(b"Content-Type: application/json\r\n", b""),
        OK.replace(b"application/json", b"application/jsonp"),
        json_answer(b"<h1>No</h1>", status=b"404 Not Found").replace(b"application/json", b"text/html"),
    ],
)
def test_a_op_02_another_content_type_is_not_read(answer: bytes, client: OutboundClient) -> None:
    error, _ = refusal(client, answering(answer))
    assert isinstance(error, UntrustedAnswerError)
    assert "content type" in error.detail


def test_a_op_02_a_slow_provider_has_only_so_many_calls_and_others_are_unaffected(
    client: OutboundClient,
) -> None:
    with serving(_stall) as slow:
        waiting = [threading.Thread(target=_ignore_failure, args=(client, slow)) for _ in range(2)]
        for thread in waiting:
            thread.start()
        while slow.connections < 2:
            time.sleep(0.01)
        started = time.monotonic()
        with pytest.raises(ProviderBusyError, match="2 calls are under way"):
            fetch(client, slow)
        assert time.monotonic() - started < 0.5
        assert slow.connections == 2
        with serving(answering(OK)) as other:
            url = f"http://127.0.0.1:{other.port}/"
            request = OutboundRequest(url=url, origins=frozenset({client.origin_of(url)}))
            assert client.fetch("civic-post", request).status == 200
        for thread in waiting:
            thread.join()
    with serving(answering(OK)) as server:
        assert fetch(client, server).status == 200


def _ignore_failure(client: OutboundClient, server: ScriptedServer) -> None:
    with pytest.raises(ProviderUnavailableError):
        fetch(client, server)


def test_a_op_02_a_provider_that_keeps_failing_is_not_called_for_a_while(client: OutboundClient) -> None:
    with serving(answering(json_answer(b"{}", status=b"500 Broken"))) as server:
        for _ in range(3):
            with pytest.raises(ProviderUnavailableError, match="answered 500"):
                fetch(client, server)
        seen = server.connections
        assert client.is_failing("northgate")
        assert not client.is_failing("civic-post")
        with pytest.raises(ProviderUnavailableError, match="not asked"):
            fetch(client, server)
        assert server.connections == seen


def test_an_untrusted_answer_does_not_count_as_unavailable(client: OutboundClient) -> None:
    with serving(answering(OK.replace(b"json", b"text"))) as server:
        for _ in range(5):
            with pytest.raises(UntrustedAnswerError):
                fetch(client, server)
    assert not client.is_failing("northgate")


def test_a_burst_at_a_provider_waits_in_line_and_is_served() -> None:
    patient = OutboundClient(
        allow=AllowList(loopback=True),
        user_agent="countersign-test",
        per_provider_concurrency=2,
        per_provider_queue=6,
        queue_seconds=5.0,
    )
    answers: list[int] = []
    with serving(answering(OK, pause=0.05)) as server:
        burst = [
            threading.Thread(target=lambda: answers.append(fetch(patient, server).status)) for _ in range(8)
        ]
        for thread in burst:
            thread.start()
        for thread in burst:
            thread.join()
    patient.close()
    assert answers == [200] * 8


def test_a_op_02_nobody_queues_at_a_provider_that_has_become_slow() -> None:
    hurried = OutboundClient(
        allow=AllowList(loopback=True),
        user_agent="countersign-test",
        total_timeout=3.0,
        per_provider_concurrency=1,
        per_provider_queue=4,
        queue_seconds=0.2,
    )
    with serving(_stall) as slow:
        stuck = threading.Thread(target=_ignore_failure, args=(hurried, slow))
        stuck.start()
        while slow.connections < 1:
            time.sleep(0.01)
        waits = []
        for _ in range(12):
            began = time.monotonic()
            with pytest.raises(ProviderBusyError):
                fetch(hurried, slow)
            waits.append(time.monotonic() - began)
        assert min(waits[-3:]) < 0.05
        stuck.join()
    hurried.close()
