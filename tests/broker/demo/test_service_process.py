"""A demonstration service as a process of its own, on any port and any host name, over HTTP and TLS."""

from __future__ import annotations

import ipaddress
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from broker.demo.processes import ProcessGroup, find_free_port

SERVICE = (sys.executable, "-m", "broker.demo.service")


def write_certificate(directory: Path) -> tuple[Path, Path]:
    """Make a certificate for this machine that signs itself; give its file and its key's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(minutes=5))
        .not_valid_after(datetime.now(UTC) + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = directory / "certificate.pem", directory / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate_file, key_file


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_service_serves_its_page_and_keeps_callbacks_out_of_its_log(tmp_path: Path, scheme: str) -> None:
    port = find_free_port()
    certificate: Path | None = None
    tls: tuple[str, ...] = ()
    if scheme == "https":
        certificate, key = write_certificate(tmp_path)
        tls = ("--tls-cert", str(certificate), "--tls-key", str(key), "--ca-bundle", str(certificate))
    own_url = f"{scheme}://localhost:{port}"
    with ProcessGroup(logs=tmp_path) as group:
        running = group.start(
            "library",
            (
                *(*SERVICE, "--client-id", "library-card", "--issuer", "http://localhost:1"),
                *(
                    "--own-url",
                    own_url,
                    "--bind",
                    f"127.0.0.1:{port}",
                    "--state-dir",
                    str(tmp_path / "state"),
                ),
                *tls,
            ),
        )
        group.wait_until_ready("library", f"{own_url}/jwks", timeout=30, ca_bundle=certificate)
        trust = str(certificate) if certificate else True
        assert "Join the library" in requests.get(own_url, timeout=10, verify=trust).text
        answer = requests.get(f"{own_url}/callback?code=a-secret-code&state=x", timeout=10, verify=trust)
        assert 'data-error="state_mismatch"' in answer.text
        assert (
            'data-error="hub_unreachable"' in requests.get(f"{own_url}/start", timeout=10, verify=trust).text
        )
    assert "a-secret-code" not in running.log.read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(("--client-id", "unheard-of"), "--acr-values", id="no-level"),
        pytest.param(
            ("--client-id", "library-card", "--tls-cert", __file__), "go together", id="half-of-tls"
        ),
        pytest.param(("--client-id", "library-card", "--bind", "no-port"), "HOST:PORT", id="no-port"),
    ],
)
def test_a_service_that_cannot_start_says_why_in_plain_words(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    settings = ("--issuer", "http://localhost:1", "--own-url", "http://localhost:2", "--bind", "127.0.0.1:2")
    run = subprocess.run(
        [*SERVICE, *settings, "--state-dir", str(tmp_path), *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode != 0
    assert said in run.stderr
    assert "Traceback" not in run.stderr
