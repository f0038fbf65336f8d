"""A-OP-10: what somebody outside says about addresses and certificates reaches no hub; no log tells who did what."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import urllib3
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from tests.certificate_authority import Certificate, CertificateAuthority
from tests.citizen import Citizen
from tests.load_balanced.balanced_hubs import BalancedHubs
from tests.load_balanced.conftest import SIGN_INS_PER_SOURCE
from tests.load_balanced.nginx import FOR_BROWSERS, FOR_CERTIFICATES, Nginx, nginx_before
from tests.relying_service import RelyingService, call

FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X_Forwarded_For": "203.0.113.9",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9;host=evil.example",
    "Client-Cert": ":Zm9yZ2Vk:",
    "Client_Cert": ":Zm9yZ2Vk:",
    "Client-Cert-Chain": ":Zm9yZ2Vk:",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """nginx before somebody who keeps the headers that come through."""

    nginx: Nginx
    heard: list[list[tuple[str, str]]]

    def hears(self, host: str, certificate: Certificate | None = None) -> dict[str, str]:
        """Send a request with every forged header; gives what came through, by lower-case name."""
        with urllib3.HTTPSConnectionPool(
            "127.0.0.1",
            self.nginx.port,
            server_hostname=host,
            assert_hostname=host,
            ca_certs=str(self.nginx.bundle),
            cert_file=None if certificate is None else str(certificate.certificate),
            key_file=None if certificate is None else str(certificate.key),
            retries=False,
        ) as pool:
            assert pool.request("GET", "/", headers={"Host": host, **FORGED}).status == 200
        came = self.heard.pop()
        headers = {name.lower(): value for name, value in came}
        assert len(headers) == len(came)
        return headers


@pytest.fixture(scope="module")
def ear() -> Iterator[Ear]:
    heard: list[list[tuple[str, str]]] = []

    class Listener(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            heard.append(self.headers.items())
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{server.server_address[1]}"
        with nginx_before((address, address)) as nginx:
            yield Ear(nginx=nginx, heard=heard)
        server.shutdown()


def test_what_outsiders_claim_about_addresses_and_certificates_is_dropped(ear: Ear) -> None:
    came = ear.hears(FOR_BROWSERS)

    assert came["x-forwarded-for"] == "127.0.0.1"
    assert not (came.keys() & {name.lower() for name in FORGED}) - {"x-forwarded-for"}


def test_a_certificate_that_was_shown_arrives_as_rfc_9440_writes_it(ear: Ear, tmp_path: Path) -> None:
    shown = CertificateAuthority(tmp_path / "client").issue("service.example")

    came = ear.hears(FOR_CERTIFICATES, shown)

    der = load_pem_x509_certificate(shown.certificate.read_bytes()).public_bytes(Encoding.DER)
    assert came["client-cert"] == f":{base64.b64encode(der).decode()}:"
    assert not came.keys() & {"client_cert", "client-cert-chain"}


def test_without_a_certificate_no_header_claims_one(ear: Ear) -> None:
    assert not ear.hears(FOR_CERTIFICATES).keys() & {"client-cert", "client_cert", "client-cert-chain"}


def _begin(address: str, service: RelyingService, headers: dict[str, str]) -> int:
    return call("GET", service.ask().url(address), headers=headers).status


def test_a_hub_counts_by_what_its_proxy_says_and_not_by_what_outsiders_say(
    hubs: BalancedHubs, fishing: RelyingService
) -> None:
    # A local hub counts nobody on its own machine, so whoever gets a 429 was taken for somebody else.
    through_nginx = [_begin(hubs.issuer, fishing, FORGED) for _ in range(4 * SIGN_INS_PER_SOURCE)]
    as_nginx = {"X-Forwarded-For": FORGED["X-Forwarded-For"]}
    at_the_hub = [
        _begin(f"http://{hubs.addresses[0]}", fishing, as_nginx) for _ in range(4 * SIGN_INS_PER_SOURCE)
    ]

    assert set(through_nginx) == {303}
    assert 429 in at_the_hub


def test_addresses_in_answers_are_the_issuers_whatever_a_request_names(hubs: BalancedHubs) -> None:
    answer = call(
        "GET", f"{hubs.issuer}/.well-known/openid-configuration", headers={"Host": "evil.example", **FORGED}
    )

    assert answer.body["issuer"] == hubs.issuer
    assert "evil.example" not in answer.text


def test_health_is_not_shown_outside(hubs: BalancedHubs) -> None:
    assert call("GET", f"{hubs.issuer}/health/ready").status == 404


def test_a_body_that_is_too_large_ends_at_nginx(hubs: BalancedHubs) -> None:
    answer = call("POST", f"{hubs.issuer}/token", body=b"x" * (256 * 1024 + 1))

    assert answer.status == 413


def test_the_log_of_nginx_holds_no_query_and_no_address_of_a_person(
    hubs: BalancedHubs, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()
    page = citizen.go_through(asked)
    code = fishing.code(hubs.issuer, asked, page)
    fishing.collect(hubs.issuer, asked, code)

    log = hubs.nginx.log
    assert "/authorize 303" in log
    for secret in (code, asked.state, asked.parameters["nonce"], "?", "code="):
        assert secret not in log
    for address in hubs.addresses:
        log = log.replace(address, "")
    assert "127.0.0.1" not in log
