"""What the hub says of itself: valid by the standard, and true."""

from __future__ import annotations

import json

from authlib.oidc.discovery import OpenIDProviderMetadata

from broker.oidc.discovery import provider_metadata
from broker.oidc.signing_keys import SigningKeys
from config.federation import Federation
from idp_adapters.identity import JsonValue
from tests.broker.builders import ISSUER, NOW, a_federation, a_provider, a_service, some_attributes
from tests.broker.oidc.test_id_token import ES256, RS256, a_key

KEYS = SigningKeys([a_key(ES256), a_key(RS256)])


def metadata(federation: Federation | None = None) -> dict[str, JsonValue]:
    return provider_metadata(ISSUER, federation or a_federation(), KEYS, now=NOW)


def values(name: str, federation: Federation | None = None) -> list[JsonValue]:
    found = metadata(federation)[name]
    assert isinstance(found, list)
    return found


def test_the_document_is_valid_by_the_standard() -> None:
    OpenIDProviderMetadata(metadata()).validate()
    assert json.dumps(metadata())


def test_what_is_not_supported_is_said_explicitly() -> None:
    document = metadata()
    assert document["request_parameter_supported"] is False
    assert document["request_uri_parameter_supported"] is False
    assert "request_object_signing_alg_values_supported" not in document
    assert document["claims_parameter_supported"] is True
    assert document["authorization_response_iss_parameter_supported"] is True


def test_a_az_04_only_the_code_flow_is_advertised() -> None:
    assert values("response_types_supported") == ["code"]
    assert values("response_modes_supported") == ["query"]
    assert values("grant_types_supported") == ["authorization_code"]
    assert values("code_challenge_methods_supported") == ["S256"]


def test_rs256_is_among_the_signatures_and_none_is_not() -> None:
    assert values("id_token_signing_alg_values_supported") == ["ES256", "RS256"]
    assert "none" not in values("token_endpoint_auth_signing_alg_values_supported")


def test_addresses_begin_with_the_issuer_exactly() -> None:
    document = metadata()
    assert document["issuer"] == ISSUER
    for name in ("authorization", "token", "userinfo"):
        assert document[f"{name}_endpoint"] == f"{ISSUER}/{name.replace('authorization', 'authorize')}"
    assert document["jwks_uri"] == f"{ISSUER}/jwks"


def test_only_levels_that_an_open_provider_reaches_are_advertised() -> None:
    def level(name: str) -> str:
        return f"urn:countersign:level:{name}"

    medium_only = {"urn:m": {"level": "medium.medium", "scheme": "gpg45/0.4"}}
    advertised = values("acr_values_supported", a_federation(a_service(), a_provider(levels=medium_only)))
    assert level("medium.medium") in advertised
    assert level("low.low") in advertised
    assert level("high.medium") not in advertised
    assert level("medium.high") not in advertised
    expired = a_provider(certification={"self_declared": True, "not_after": "2026-05-13"})
    assert values("acr_values_supported", a_federation(a_service(), expired)) == []
    closed = a_provider(status="closing", until="2026-05-13")
    assert values("acr_values_supported", a_federation(a_service(), closed)) == []


def test_only_scopes_and_claims_that_some_service_is_registered_for_are_advertised() -> None:
    federation = a_federation(
        a_service(attributes=some_attributes("email", "age_over_18", "born_in_year_range"))
    )
    assert values("scopes_supported", federation) == ["openid", "attributes", "email"]
    claims = values("claims_supported", federation)
    assert {"sub", "email", "age_over_18"} <= set(claims)
    assert not {"name", "born_in_year_range", "age_over_21"} & set(claims)
    assert len(claims) == len(set(claims))


def test_a_federation_without_members_has_a_valid_document() -> None:
    OpenIDProviderMetadata(metadata(Federation.of([], []))).validate()
