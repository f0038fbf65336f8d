"""Over TLS the name is verified, not the address, and a deadline is a deadline too."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from idp_adapters.errors import IdentityProviderError, ProviderUnavailableError, UntrustedAnswerError
from idp_adapters.outbound import AllowList, OutboundClient, OutboundRequest, OutboundResponse
from tests.idp_adapters.outbound.scripted_server import (
    ScriptedServer,
    answering,
    json_answer,
    read_head,
    serving,
)

OK = json_answer(b"{}")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for `idp.localhost`, with its key, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("idp.localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "idp.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _client(ca_bundle: Path | None) -> OutboundClient:
    return OutboundClient(
        allow=AllowList(loopback=True),
        ca_bundle=ca_bundle,
        user_agent="countersign-test",
        connect_timeout=0.5,
        total_timeout=0.6,
    )


@pytest.fixture
def client(certificate: Path) -> Iterator[OutboundClient]:
    client = _client(certificate)
    yield client
    client.close()


def _fetch(client: OutboundClient, server: ScriptedServer, host: str = "idp.localhost") -> OutboundResponse:
    url = f"https://{host}:{server.port}/"
    return client.fetch("northgate", OutboundRequest(url=url, origins=frozenset({client.origin_of(url)})))


def test_a_certificate_for_the_name_from_a_trusted_authority_is_accepted(
    client: OutboundClient, server_tls: ssl.SSLContext
) -> None:
    with serving(answering(OK), tls=server_tls) as server:
        for _ in range(3):
            assert _fetch(client, server).status == 200
        assert server.connections == 1


def test_a_certificate_for_another_name_is_refused(
    client: OutboundClient, server_tls: ssl.SSLContext
) -> None:
    with serving(answering(OK), tls=server_tls) as server:
        for host in ("other.localhost", "127.0.0.1"):
            with pytest.raises(UntrustedAnswerError, match="certificate was refused"):
                _fetch(client, server, host)


def test_a_certificate_of_an_unknown_authority_is_refused(server_tls: ssl.SSLContext) -> None:
    client = _client(None)
    with (
        serving(answering(OK), tls=server_tls) as server,
        pytest.raises(UntrustedAnswerError, match="certificate was refused"),
    ):
        _fetch(client, server)
    client.close()


def test_the_environment_names_no_authorities(
    certificate: Path, server_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(certificate))
    client = _client(None)
    with serving(answering(OK), tls=server_tls) as server, pytest.raises(UntrustedAnswerError):
        _fetch(client, server)
    client.close()


def test_a_server_that_speaks_no_tls_is_unavailable(client: OutboundClient) -> None:
    with serving(answering(OK)) as server, pytest.raises(ProviderUnavailableError):
        _fetch(client, server)


def test_a_op_02_a_handshake_that_stalls_is_cut(client: OutboundClient) -> None:
    with serving(lambda _connection: time.sleep(8)) as server:
        started = time.monotonic()
        with pytest.raises(ProviderUnavailableError):
            _fetch(client, server)
        assert time.monotonic() - started < 4


def test_a_op_02_a_provider_that_drips_bytes_over_tls_is_cut_at_the_deadline(
    client: OutboundClient, server_tls: ssl.SSLContext
) -> None:
    def drip(connection: object) -> None:
        assert isinstance(connection, ssl.SSLSocket)
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            time.sleep(0.05)
            connection.sendall(b"x")

    with serving(drip, tls=server_tls) as server:
        started = time.monotonic()
        with pytest.raises(IdentityProviderError) as caught:
            _fetch(client, server)
        assert isinstance(caught.value, ProviderUnavailableError)
        assert time.monotonic() - started < 4
