"""What is far too large is refused quickly and takes no memory, whoever sends it and wherever (A-OP-07)."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest

from broker.bounds import LARGEST_BODY, LARGEST_COOKIES
from tests.citizen import Citizen
from tests.overload.worker import Worker, worker_of
from tests.relying_service import ASSERTION_TYPE, Answer, RelyingService, call
from tests.running_hub import RunningHub

MIB = 1024 * 1024
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REFUSED = {400, 401, 413, 414, 431}
QUICK = 2.0
"""Seconds; these take milliseconds, but not on a machine that does other things as well."""
MOST_GROWTH = 48
"""MiB that all of it together may add to the worker: less than any of it would if it were kept."""
SIGN_IN = "/sign-in/0000-0000-0000"


@pytest.fixture(scope="module", autouse=True)
def memory(open_hub: RunningHub, fishing: RelyingService) -> Iterator[None]:
    """Whatever this module's tests have sent, the worker holds little more than after a sign-in."""
    worker = worker_of(open_hub)
    Citizen(open_hub).sign_in(fishing)
    before = worker.resident_mib
    yield
    assert worker.resident_mib < before + MOST_GROWTH
    Citizen(open_hub).sign_in(fishing)


def _quick(answer: Answer, began: float) -> Answer:
    assert time.monotonic() - began < QUICK
    assert answer.status in REFUSED, answer.status
    return answer


@pytest.mark.parametrize(
    "path", ["/authorize", "/token", "/userinfo", f"{SIGN_IN}/provider", f"{SIGN_IN}/agree", "/nowhere"]
)
def test_a_op_07_ten_megabytes_are_refused_by_the_length_alone(open_hub: RunningHub, path: str) -> None:
    parts = urlsplit(open_hub.issuer)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    began = time.monotonic()
    connection.putrequest("POST", path)
    connection.putheader("Content-Type", FORM["Content-Type"])
    connection.putheader("Content-Length", str(10 * MIB))
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()

    assert status == 413
    assert time.monotonic() - began < QUICK


@pytest.mark.parametrize("path", ["/authorize", "/token", "/userinfo", f"{SIGN_IN}/agree"])
def test_a_op_07_ten_megabytes_without_a_length_are_cut_off(open_hub: RunningHub, path: str) -> None:
    parts = urlsplit(open_hub.issuer)
    began = time.monotonic()
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10) as connection:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{_line(FORM)}Transfer-Encoding: chunked\r\n\r\n"
        )
        connection.sendall(head.encode())
        answer = b""
        try:
            for _ in range(160):
                connection.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
            connection.sendall(b"0\r\n\r\n")
            answer = connection.recv(64)
        except OSError:
            answer = answer or b"HTTP/1.1 413"
    assert answer.split()[1] in {b"400", b"401", b"410", b"413"}
    assert time.monotonic() - began < 2 * QUICK


def test_a_op_07_a_megabyte_of_claims_is_refused_in_an_address_and_in_a_form(
    open_hub: RunningHub, fishing: RelyingService
) -> None:
    claims = json.dumps({"userinfo": {f"c{n}": {"essential": True} for n in range(40_000)}})
    assert len(claims) > MIB
    parameters = fishing.ask(claims=claims).parameters
    began = time.monotonic()
    _quick(call("GET", f"{open_hub.issuer}/authorize?{urlencode(parameters)}"), began)
    began = time.monotonic()
    assert _quick(call("POST", f"{open_hub.issuer}/authorize", form=parameters), began).status == 413


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"userinfo":{"name":{"values":['])
def test_a_op_07_json_nested_ten_thousand_deep_is_an_error_of_the_request(
    open_hub: RunningHub, fishing: RelyingService, opening: str
) -> None:
    deep = (opening * 10_000)[:8000]
    began = time.monotonic()

    answer = call("POST", f"{open_hub.issuer}/authorize", form=fishing.ask(claims=deep).parameters)

    assert time.monotonic() - began < QUICK
    assert answer.status == 303
    assert "error=invalid_request" in answer.headers["Location"]


def _token(header: bytes, payload: bytes) -> str:
    parts = (base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (header, payload, b"x" * 64))
    return ".".join(parts)


@pytest.mark.parametrize(
    "deep", [b"[" * 5000, b'{"a":' * 1000, b"9" * 5000, b'{"alg":"ES256","exp":1e999999}']
)
@pytest.mark.parametrize("where", ["header", "payload"])
def test_a_op_07_hostile_json_in_a_token_is_a_refusal_like_any_other(
    open_hub: RunningHub, fishing: RelyingService, deep: bytes, where: str
) -> None:
    header, payload = b'{"alg":"ES256","typ":"JWT"}', b'{"iss":"fishing-licence"}'
    token = _token(deep, payload) if where == "header" else _token(header, deep)
    form = {"grant_type": "authorization_code", "code": "x", "client_assertion_type": ASSERTION_TYPE}
    began = time.monotonic()

    refused = _quick(call("POST", f"{open_hub.issuer}/token", form=form | {"client_assertion": token}), began)
    hinted = call("GET", fishing.ask(id_token_hint=token).url(open_hub.issuer))

    assert refused.body["error"] == "invalid_client"
    assert hinted.status == 303


@pytest.mark.parametrize("parameter", ["a&", "a=1&", "&"])
@pytest.mark.parametrize("path", ["/authorize", "/token", f"{SIGN_IN}/provider", "/"])
def test_a_op_07_a_hundred_thousand_parameters_are_refused_before_they_are_read(
    open_hub: RunningHub, parameter: str, path: str
) -> None:
    many = parameter * (
        100_000 if len(parameter) * 100_000 <= LARGEST_BODY else LARGEST_BODY // len(parameter)
    )
    began = time.monotonic()
    posted = call("POST", f"{open_hub.issuer}{path}", body=many.encode(), headers=FORM)
    assert posted.status in REFUSED | {405, 410}
    in_address = call("GET", f"{open_hub.issuer}{path}?{(parameter * 10_000)[:30_000]}")
    assert in_address.status == 400
    assert time.monotonic() - began < QUICK


@pytest.mark.parametrize(
    "cookie",
    ["lang=" + "x" * (LARGEST_COOKIES + 1), "a=b; " * 6000, "countersign-journey-0000-0000-0000=x; " * 500],
)
@pytest.mark.parametrize("path", ["/authorize", "/", "/token", "/providers/northgate/callback?state=x"])
def test_a_op_07_a_huge_cookie_is_refused_with_a_page(open_hub: RunningHub, cookie: str, path: str) -> None:
    began = time.monotonic()

    answer = _quick(call("GET", f"{open_hub.issuer}{path}", headers={"Cookie": cookie}), began)

    assert answer.status == 431
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        assert 'id="outcome"' in answer.text


def test_a_op_07_headers_beyond_all_measure_are_refused_by_the_server(open_hub: RunningHub) -> None:
    began = time.monotonic()
    assert _quick(call("GET", open_hub.issuer, headers={"X-Long": "x" * 200_000}), began).status == 431


def test_a_op_07_a_compressed_body_is_not_inflated(open_hub: RunningHub, fishing: RelyingService) -> None:
    bomb = gzip.compress(urlencode({**fishing.ask().parameters, "claims": "x" * 100 * MIB}).encode())
    assert len(bomb) < LARGEST_BODY
    began = time.monotonic()

    answer = call(
        "POST", f"{open_hub.issuer}/authorize", body=bomb, headers={**FORM, "Content-Encoding": "gzip"}
    )

    _quick(answer, began)


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "9" * 40, "١٢"])
def test_a_op_07_a_length_that_is_none_is_refused(open_hub: RunningHub, length: str) -> None:
    parts = urlsplit(open_hub.issuer)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10) as connection:
        head = (
            f"POST /token HTTP/1.1\r\nHost: {parts.netloc}\r\n{_line(FORM)}Content-Length: {length}\r\n\r\n"
        )
        connection.sendall(head.encode())
        assert connection.recv(64).split()[1] in {b"400", b"413"}


def test_a_op_07_what_is_just_small_enough_is_read(
    open_hub: RunningHub, fishing: RelyingService, worker: Worker
) -> None:
    claims = json.dumps({"userinfo": {f"c{n:03}": {"essential": True} for n in range(190)}})
    answer = call("POST", f"{open_hub.issuer}/authorize", form=fishing.ask(claims=claims).parameters)
    assert answer.status == 303
    assert answer.headers["Location"].startswith("/authorize/parked/")
    padding = {"Cookie": "other=" + "x" * (LARGEST_COOKIES - 100)}
    assert call("GET", fishing.ask().url(open_hub.issuer), headers=padding).status == 303
    assert worker.threads < 40


def _line(headers: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())
