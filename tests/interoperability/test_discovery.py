"""Discovery, as Authlib's validation and a client that believes every word of it read it."""

from __future__ import annotations

from authlib.oidc.discovery import OpenIDProviderMetadata

from tests.relying_service import call
from tests.running_hub import RunningHub


def test_authlib_finds_nothing_wrong_with_the_metadata(hub: RunningHub) -> None:
    metadata = call("GET", f"{hub.issuer}/.well-known/openid-configuration").body
    # Authlib wants https, as everybody should; this hub is on loopback.
    as_with_tls = {
        name: value.replace("http://", "https://") if isinstance(value, str) else value
        for name, value in metadata.items()
    }

    OpenIDProviderMetadata(as_with_tls).validate()


def test_both_well_known_addresses_say_the_same(hub: RunningHub) -> None:
    oidc = call("GET", f"{hub.issuer}/.well-known/openid-configuration")
    oauth = call("GET", f"{hub.issuer}/.well-known/oauth-authorization-server")

    assert oidc.body == oauth.body
    assert oidc.headers["Content-Type"] == "application/json"


def test_every_endpoint_that_is_named_is_there(hub: RunningHub) -> None:
    metadata = call("GET", f"{hub.issuer}/.well-known/openid-configuration").body

    assert metadata["issuer"] == hub.issuer
    assert call("GET", metadata["jwks_uri"]).status == 200
    assert call("GET", metadata["authorization_endpoint"]).status == 400
    assert call("POST", metadata["token_endpoint"], form={}).status == 401
    assert call("GET", metadata["userinfo_endpoint"]).status == 401


def test_nothing_is_advertised_that_is_refused(hub: RunningHub) -> None:
    metadata = call("GET", f"{hub.issuer}/.well-known/openid-configuration").body

    assert metadata["response_types_supported"] == ["code"]
    assert metadata["grant_types_supported"] == ["authorization_code"]
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["subject_types_supported"] == ["pairwise"]
    assert metadata["request_parameter_supported"] is False
    assert metadata["request_uri_parameter_supported"] is False
    assert "none" not in metadata["id_token_signing_alg_values_supported"]
    assert set(metadata["acr_values_supported"]) <= {
        f"urn:countersign:level:{proofing}.{protection}"
        for proofing in ("none", "low", "medium", "high")
        for protection in ("low", "medium", "high")
    }
