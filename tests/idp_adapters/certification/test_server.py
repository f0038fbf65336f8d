from __future__ import annotations

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from idp_adapters.certification.simulator.errors import BindAddressError
from idp_adapters.certification.simulator.server import parse_bind_address
from tests.idp_adapters.certification.relying_party import TIMEOUT, RelyingParty, new_browser, published_keys
from tests.idp_adapters.certification.stub_process import (
    free_port,
    running_oidc_stub,
    start_oidc_stub,
    wait_until_it_listens,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stub")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert_file, key_file


def test_the_stub_serves_tls_with_cookies_to_match_and_fetches_keys_over_tls(
    certificate: tuple[Path, Path],
) -> None:
    cert, tls_key = certificate
    arguments = ("--tls-cert", str(cert), "--tls-key", str(tls_key), "--ca-bundle", str(cert))
    with (
        published_keys(certificate) as (key, redirect_uri),
        running_oidc_stub(*arguments, scheme="https") as issuer,
        new_browser() as http,
    ):
        http.verify = str(cert)
        party = RelyingParty(issuer=issuer, redirect_uri=redirect_uri, key=key, http=http)
        response = party.authorize(party.attempt(), "complete")
        assert response.headers["Set-Cookie"].startswith("__Host-stub-oidc-")
        assert "Secure" in response.headers["Set-Cookie"]
        assert party.sign_in().verified_claims()["iss"] == issuer


def test_keys_under_an_unknown_authority_are_not_taken(certificate: tuple[Path, Path], issuer: str) -> None:
    with published_keys(certificate) as (key, redirect_uri), new_browser() as http:
        party = RelyingParty(issuer=issuer, redirect_uri=redirect_uri, key=key, http=http)
        assert party.sign_in().answer.json()["error"] == "invalid_client"


def test_the_stub_starts_in_moments_and_stops_at_a_signal() -> None:
    for sign, status in ((signal.SIGTERM, 0), (signal.SIGINT, 0)):
        port = free_port()
        started = time.monotonic()
        process = start_oidc_stub(port, f"http://127.0.0.1:{port}")
        wait_until_it_listens(port, process)
        assert time.monotonic() - started < 10
        process.send_signal(sign)
        output = process.communicate(timeout=10)[0]
        assert process.returncode == status
        assert len(output.splitlines()) == 1, output


def test_a_killed_stub_leaves_nothing_behind() -> None:
    port = free_port()
    process = start_oidc_stub(port, f"http://127.0.0.1:{port}")
    wait_until_it_listens(port, process)
    process.kill()
    process.communicate(timeout=10)
    assert becomes_true(lambda: is_free(port))


def test_a_taken_port_is_refused_with_a_plain_message() -> None:
    with running_oidc_stub() as issuer:
        process = start_oidc_stub(int(issuer.rpartition(":")[2]), issuer)
        output = process.communicate(timeout=20)[0]
        assert process.returncode == 1
        assert "in use" in output
        assert "Traceback" not in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--tls-cert", "/nowhere/cert.pem"), "come together"),
        (("--tls-cert", "/nowhere/cert.pem", "--tls-key", "/nowhere/key.pem"), "No such file"),
    ],
)
def test_tls_files_that_do_not_serve_are_refused_with_a_plain_message(
    arguments: tuple[str, ...], message: str
) -> None:
    port = free_port()
    process = start_oidc_stub(port, f"https://127.0.0.1:{port}", *arguments)
    output = process.communicate(timeout=20)[0]
    assert process.returncode == 1
    assert message in output
    assert "Traceback" not in output


def test_tls_files_that_are_no_certificate_are_refused_with_a_plain_message(tmp_path: Path) -> None:
    file = tmp_path / "not.pem"
    file.write_text("not a certificate")
    port = free_port()
    arguments = ("--tls-cert", str(file), "--tls-key", str(file))
    process = start_oidc_stub(port, f"https://127.0.0.1:{port}", *arguments)
    output = process.communicate(timeout=20)[0]
    assert process.returncode == 1
    assert "cannot be read" in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    "bind", ["", "8401", ":8401", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x"]
)
def test_an_address_that_is_not_host_and_port_is_refused(bind: str) -> None:
    with pytest.raises(BindAddressError):
        parse_bind_address(bind)


@pytest.mark.parametrize(
    ("bind", "host"), [("127.0.0.1:1", "127.0.0.1"), ("[::1]:1", "::1"), ("localhost:1", "127.0.0.1")]
)
def test_an_address_becomes_numeric(bind: str, host: str) -> None:
    assert parse_bind_address(bind).host == host


def test_64_people_at_once_are_all_served_over_kept_connections(
    issuer: str, client_keys: tuple[ec.EllipticCurvePrivateKey, str]
) -> None:
    key, redirect_uri = client_keys

    def go(person: int) -> str:
        party = RelyingParty(issuer=issuer, redirect_uri=redirect_uri, key=key)
        with party.http:
            first = party.sign_in(f"complete-{person}")
            assert "close" not in first.answer.headers.get("Connection", "")
            return str(first.userinfo()["email"])

    with ThreadPoolExecutor(64) as crowd:
        emails = list(crowd.map(go, range(128)))
    assert emails == [f"person.{person}@people.example" for person in range(128)]


def test_slow_answers_do_not_hold_up_others(party: RelyingParty) -> None:
    attempts = [party.attempt() for _ in range(16)]
    forms = [party.token_request(attempt, party.code(attempt, outcome="slow")) for attempt in attempts]
    with ThreadPoolExecutor(16) as crowd:
        slow = [
            crowd.submit(requests.post, f"{party.issuer}/token", data=form, timeout=TIMEOUT) for form in forms
        ]
        time.sleep(0.3)
        assert party.sign_in().answer.status_code == 200
        assert not any(answer.done() for answer in slow)
        assert all(answer.result().json()["id_token"] for answer in slow)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def becomes_true(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not (holds := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return holds
