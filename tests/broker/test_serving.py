"""An application behind granian, as a process of its own: it starts or says why not, and stops kindly."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from broker.demo.processes import ProcessGroup, Running, find_free_port
from broker.serving import (
    AddressInUseError,
    AddressUnavailableError,
    BindAddress,
    BindAddressError,
    TlsFilesError,
    check_address_is_free,
    parse_bind_address,
    read_tls_files,
)
from tests.broker.demo.test_service_process import write_certificate
from tests.broker.tiny_application import WAIT_SECONDS

_PATIENCE = 20.0


class Server:
    """A tiny application and its port."""

    def __init__(self, group: ProcessGroup, *options: str, scheme: str = "http") -> None:
        self.port = find_free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._group = group
        command = (sys.executable, "-m", "tests.broker.tiny_application", str(self.port), *options)
        self.running: Running = group.start("tiny", command)

    def until_ready(self, ca_bundle: Path | None = None) -> Server:
        self._group.wait_until_ready("tiny", self.url, timeout=_PATIENCE, ca_bundle=ca_bundle)
        return self

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(f"{self.url}{path}", headers=headers, timeout=_PATIENCE)

    def ends(self) -> int:
        return self.running.process.wait(_PATIENCE)

    def said(self) -> str:
        return self.running.log.read_text()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    with ProcessGroup(logs=tmp_path / "logs") as group:

        def start(*options: str, scheme: str = "http") -> Server:
            return Server(group, *options, scheme=scheme)

        yield start


Serving = Callable[..., Server]


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_quietly(serving: Serving, number: signal.Signals) -> None:
    server = serving().until_ready()
    server.running.process.send_signal(number)
    assert server.ends() == 0
    assert server.said() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_every_process_as_terminals_and_supervisors_send_it_stops_it_at_once(
    serving: Serving, number: signal.Signals
) -> None:
    # Granian's worker hung at about every fifth of these, when it was left to deal with both signals.
    for _ in range(5):
        server = serving("--workers", "2").until_ready()
        started = time.monotonic()
        server.running.signal(number)
        assert server.ends() == 0
        assert time.monotonic() - started < _PATIENCE / 2
        assert not _listens(server.port)


def test_a_signal_while_it_starts_does_not_have_to_wait(serving: Serving) -> None:
    server = serving()
    _until(lambda: _listens(server.port))
    started = time.monotonic()
    server.running.process.send_signal(signal.SIGTERM)
    assert server.ends() == 0
    assert time.monotonic() - started < _PATIENCE / 2


def test_a_request_under_way_is_finished_before_it_stops(serving: Serving) -> None:
    server = serving().until_ready()
    answers: list[requests.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(server.get("/wait")))
    waiting.start()
    time.sleep(WAIT_SECONDS / 3)
    server.running.process.send_signal(signal.SIGTERM)
    waiting.join(_PATIENCE)
    assert [answer.status_code for answer in answers] == [200]
    assert server.ends() == 0


def test_an_idle_connection_does_not_keep_it_from_stopping(serving: Serving) -> None:
    server = serving().until_ready()
    with requests.Session() as browser:
        assert browser.get(server.url, timeout=_PATIENCE).ok
        started = time.monotonic()
        server.running.process.send_signal(signal.SIGTERM)
        assert server.ends() == 0
        assert time.monotonic() - started < _PATIENCE / 2


def test_a_taken_port_is_not_shared(serving: Serving) -> None:
    first = serving().until_ready()
    with pytest.raises(AddressInUseError, match=f"127.0.0.1:{first.port}"):
        check_address_is_free(BindAddress(host="127.0.0.1", port=first.port))


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(AddressUnavailableError):
        check_address_is_free(BindAddress(host="192.0.2.1", port=8400))


def test_a_free_port_stays_free_after_the_look() -> None:
    address = BindAddress(host="127.0.0.1", port=find_free_port())
    check_address_is_free(address)
    check_address_is_free(address)


def test_an_application_that_cannot_be_built_is_told_once_and_ends_everything(serving: Serving) -> None:
    server = serving("--broken", "--workers", "2")
    assert server.ends() == 1
    assert server.said() == "ApplicationFailedError: no keys are there\n"


def test_a_worker_that_ends_by_itself_is_replaced(serving: Serving) -> None:
    server = serving().until_ready()
    before = server.get("/worker").text
    with pytest.raises(requests.ConnectionError):
        server.get("/crash")
    server.until_ready()
    assert server.get("/worker").text != before


def test_workers_share_the_requests(serving: Serving) -> None:
    server = serving("--workers", "2").until_ready()
    end = time.monotonic() + _PATIENCE
    seen: set[str] = set()
    while len(seen) < 2:
        seen.add(server.get("/worker").text)
        assert time.monotonic() < end


def test_workers_leave_the_port_when_their_parent_is_killed(serving: Serving) -> None:
    server = serving("--workers", "2").until_ready()
    server.running.process.kill()
    _until(lambda: not _listens(server.port))


def test_people_are_served_while_others_wait(serving: Serving) -> None:
    server = serving("--threads", "4").until_ready()
    waiting = [threading.Thread(target=server.get, args=("/wait",)) for _ in range(3)]
    for each in waiting:
        each.start()
    started = time.monotonic()
    assert server.get("/").ok
    assert time.monotonic() - started < WAIT_SECONDS
    for each in waiting:
        each.join()


def test_idle_connections_beyond_the_threads_do_not_shut_others_out(serving: Serving) -> None:
    server = serving("--threads", "4").until_ready()
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(64)]
    assert server.get("/").ok
    for connection in idle:
        connection.close()


def test_proxy_headers_change_nothing_here(serving: Serving) -> None:
    server = serving().until_ready()
    forwarded = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=203.0.113.9",
    }
    assert server.get("/request", **forwarded).text == "127.0.0.1 http HTTP/1.1"


def test_headers_are_limited(serving: Serving) -> None:
    server = serving().until_ready()
    assert server.get("/", Large="a" * 16_000).status_code == 200
    assert server.get("/", Large="a" * 130_000).status_code == 431


def test_bodies_arrive_whole(serving: Serving) -> None:
    server = serving().until_ready()
    answer = requests.post(f"{server.url}/body", data=b"a" * 300_000, timeout=_PATIENCE)
    assert answer.text == "300000"


def test_tls_is_served_with_the_files_given(serving: Serving, tmp_path: Path) -> None:
    certificate, _ = write_certificate(tmp_path)
    server = serving("--tls", str(tmp_path), scheme="https").until_ready(certificate)
    answer = requests.get(f"{server.url}/request", verify=str(certificate), timeout=_PATIENCE)
    assert answer.text == "127.0.0.1 https HTTP/1.1"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8400", BindAddress(host="127.0.0.1", port=8400)),
        ("localhost:8400", BindAddress(host="127.0.0.1", port=8400)),
        ("[::1]:8400", BindAddress(host="::1", port=8400)),
        ("0.0.0.0:65535", BindAddress(host="0.0.0.0", port=65535)),  # noqa: S104 - not listened on
    ],
)
def test_an_address_is_host_and_port(text: str, address: BindAddress) -> None:
    assert parse_bind_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "8400",
        ":8400",
        "localhost:",
        "localhost:0",
        "localhost:65536",
        "localhost:-1",
        "localhost:٨٤",
    ],
)
def test_what_is_not_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(BindAddressError):
        parse_bind_address(text)


def test_an_ipv6_address_is_written_with_brackets() -> None:
    assert str(BindAddress(host="::1", port=8400)) == "[::1]:8400"
    assert str(BindAddress(host="127.0.0.1", port=8400)) == "127.0.0.1:8400"


def test_tls_files_come_together_and_belong_together(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    certificate, key = write_certificate(tmp_path)
    _, other_key = write_certificate(tmp_path / "other")
    assert read_tls_files(None, None) is None
    files = read_tls_files(certificate, key)
    assert files is not None
    assert (files.certificate, files.key) == (certificate, key)
    for wrong in (
        (certificate, None),
        (None, key),
        (certificate, other_key),
        (key, certificate),
        (key, tmp_path),
    ):
        with pytest.raises(TlsFilesError):
            read_tls_files(*wrong)
