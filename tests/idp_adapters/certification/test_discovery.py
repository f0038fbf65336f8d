from __future__ import annotations

import pytest
import requests

from idp_adapters.certification.simulator import create_oidc_stub
from idp_adapters.certification.simulator.errors import IssuerError
from tests.idp_adapters.certification.relying_party import TIMEOUT
from tests.idp_adapters.certification.stub_process import running_oidc_stub


def test_the_metadata_names_endpoints_below_the_issuer_and_what_they_can_do(issuer: str) -> None:
    metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=TIMEOUT).json()
    assert metadata["issuer"] == issuer
    for endpoint in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert metadata[endpoint].startswith(f"{issuer}/")
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert metadata["id_token_signing_alg_values_supported"] == ["ES256"]
    assert metadata["token_endpoint_auth_methods_supported"] == ["private_key_jwt", "client_secret_basic"]
    assert metadata["acr_values_supported"] == [
        f"urn:example:northgate:{level}" for level in ("low", "medium", "high")
    ]
    assert "pushed_authorization_request_endpoint" not in metadata


def test_the_key_set_holds_one_public_key_and_nothing_private(issuer: str) -> None:
    (key,) = requests.get(f"{issuer}/jwks", timeout=TIMEOUT).json()["keys"]
    assert key["kty"] == "EC"
    assert key["alg"] == "ES256"
    assert key["use"] == "sig"
    assert key["kid"]
    assert "d" not in key


def test_the_issuer_does_not_follow_the_host_header(issuer: str) -> None:
    address = f"{issuer}/.well-known/openid-configuration"
    metadata = requests.get(address, headers={"Host": "evil.example"}, timeout=TIMEOUT).json()
    assert "evil.example" not in str(metadata)


def test_an_issuer_may_have_a_path() -> None:
    with running_oidc_stub(path="/tenants/one") as issuer:
        metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=TIMEOUT).json()
        assert metadata["issuer"] == issuer
        assert requests.get(metadata["jwks_uri"], timeout=TIMEOUT).status_code == 200


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "localhost:8401",
        "ftp://localhost",
        "http://",
        "http://localhost/",
        "http://localhost?a",
        "http://a:b:c",
    ],
)
def test_a_malformed_issuer_is_refused_before_anything_starts(issuer: str) -> None:
    with pytest.raises(IssuerError):
        create_oidc_stub(issuer)
