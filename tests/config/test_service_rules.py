from __future__ import annotations

from pathlib import Path

import pytest

from config.environment import Environment
from config.federation import AuthorizationResponse, LawfulBasis, Pkce, SecurityProfile, ServiceKind
from tests.config.keys import a_private_key, a_public_key
from tests.config.registries import Entry, a_provider, a_service, check, fields, the_only

SECRET = {"method": "client_secret_basic", "secret_sha256": "0" * 64}
FAPI: Entry = {"profile": "fapi2-security", "sender_constrained": "dpop"}


def test_what_a_file_leaves_out_has_the_defaults_of_the_contract(tmp_path: Path) -> None:
    federation = check(tmp_path).federation
    assert federation is not None
    service = federation.services["fishing-licence"]
    assert service.kind is ServiceKind.PUBLIC
    assert service.lawful_basis is LawfulBasis.PUBLIC_TASK
    assert service.profile is SecurityProfile.OIDC
    assert service.pkce is Pkce.REQUIRED
    assert service.authorization_response is AuthorizationResponse.PLAIN
    assert service.model_dump(
        mode="json", include={"request_object", "id_token", "userinfo", "providers"}
    ) == {
        "request_object": {"required": False, "signed": None},
        "id_token": {"signed": "ES256", "encrypted": None},
        "userinfo": {"signed": None, "encrypted": None},
        "providers": {"allow": "all", "deny": []},
    }
    assert service.sender_constrained == "none"
    assert (service.refresh_tokens, service.one_time_attributes) == (False, False)
    assert (service.direct_hint, service.shared_session, service.disclose_provider) == (False, True, False)
    assert (service.post_logout_redirect_uris, service.assurance.acceptable) == ((), ())
    assert (service.backchannel_logout_uri, service.events_uri, service.other_ways) == (None, None, None)


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("redirect_uris", ["https://rivers.example/", "http://localhost/"], "redirect_uris[1]"),
        ("post_logout_redirect_uris", ["http://localhost/"], "post_logout_redirect_uris[0]"),
        ("backchannel_logout_uri", "http://localhost/", "backchannel_logout_uri"),
        ("events_uri", "http://127.0.0.1/", "events_uri"),
        ("privacy_notice", {"en": "http://localhost/"}, "privacy_notice.en"),
        ("other_ways", {"en": "https://rivers.example/", "cy": "http://localhost/"}, "other_ways.cy"),
        (
            "client_authentication",
            {"method": "private_key_jwt", "jwks_uri": "http://[::1]/"},
            "client_authentication.jwks_uri",
        ),
    ],
)
def test_plain_http_on_loopback_is_for_environment_local(
    tmp_path: Path, field: str, value: object, place: str
) -> None:
    services = [a_service(**{field: value})]
    assert check(tmp_path, services=services, environment=Environment.LOCAL).faults == ()
    fault = the_only(check(tmp_path, services=services, environment=Environment.INTEGRATION).faults)
    assert fault.field == place
    assert "must use https" in fault.message


@pytest.mark.parametrize("environment", Environment)
def test_plain_http_elsewhere_is_refused_everywhere(tmp_path: Path, environment: Environment) -> None:
    reading = check(
        tmp_path, services=[a_service(redirect_uris=["http://rivers.example/"])], environment=environment
    )
    assert [field for field in fields(reading.faults) if field.startswith("redirect_uris")] == [
        "redirect_uris[0]"
    ]


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("redirect_uris", ["https://rivers.example/"] * 2, "redirect_uris[1]"),
        ("post_logout_redirect_uris", ["https://rivers.example/"] * 2, "post_logout_redirect_uris[1]"),
        (
            "assurance",
            {"minimum": "medium.medium", "acceptable": ["low.medium"] * 2},
            "assurance.acceptable[1]",
        ),
        ("attributes", [{"name": "email", "purpose": {"en": "To write"}}] * 2, "attributes[1].name"),
        ("providers", {"allow": ["northgate"] * 2}, "providers.allow[1]"),
        ("providers", {"deny": ["northgate"] * 2}, "providers.deny[1]"),
    ],
)
def test_a_list_has_nothing_twice(tmp_path: Path, field: str, value: object, place: str) -> None:
    fault = the_only(check(tmp_path, services=[a_service(**{field: value})]).faults)
    assert fault.field == place
    assert "listed twice" in fault.message


def test_a_service_has_a_redirect_uri(tmp_path: Path) -> None:
    assert fields(check(tmp_path, services=[a_service(redirect_uris=[])]).faults) == ["redirect_uris"]


@pytest.mark.parametrize("name", ["sub", "shoe_size", "age_over_0", "age_over_121", "verified_claims"])
def test_an_attribute_outside_the_catalogue_cannot_be_registered(tmp_path: Path, name: str) -> None:
    service = a_service(attributes=[{"name": name, "purpose": {"en": "To know"}}])
    fault = the_only(check(tmp_path, services=[service]).faults)
    assert fault.field == "attributes[0].name"
    assert "catalogue" in fault.message


def test_an_attribute_has_a_purpose_and_is_optional_unless_it_says_required(tmp_path: Path) -> None:
    assert fields(check(tmp_path, services=[a_service(attributes=[{"name": "email"}])]).faults) == [
        "attributes[0].purpose"
    ]
    service = a_service(attributes=[{"name": "email", "purpose": {"en": "To write to you"}}])
    federation = check(tmp_path, services=[service]).federation
    assert federation is not None
    email = federation.services["fishing-licence"].attribute("email")
    assert email is not None
    assert not email.required
    assert federation.services["fishing-licence"].attribute("name") is None


@pytest.mark.parametrize("minimum", ["none.low", "medium.low", "very_high.low"])
def test_attributes_need_protection_medium(tmp_path: Path, minimum: str) -> None:
    fault = the_only(check(tmp_path, services=[a_service(assurance={"minimum": minimum})]).faults)
    assert fault.field == "assurance.minimum"
    assert check(tmp_path, services=[a_service(assurance={"minimum": minimum}, attributes=[])]).faults == ()


@pytest.mark.parametrize("level", ["medium.none", "none.none", "medium", "P2", "Medium.Medium", 2, None])
def test_a_registered_level_has_a_name_that_requests_may_use(tmp_path: Path, level: object) -> None:
    reading = check(tmp_path, services=[a_service(assurance={"minimum": level}, attributes=[])])
    assert fields(reading.faults) == ["assurance.minimum"]


@pytest.mark.parametrize("level", ["medium.medium", "high.medium", "very_high.high"])
def test_an_acceptable_level_is_below_the_minimum(tmp_path: Path, level: str) -> None:
    service = a_service(assurance={"minimum": "medium.medium", "acceptable": ["low.high", level]})
    assert fields(check(tmp_path, services=[service]).faults) == ["assurance.acceptable[1]"]


def test_pkce_is_optional_only_in_profile_oidc(tmp_path: Path) -> None:
    assert check(tmp_path, services=[a_service(pkce="optional")]).faults == ()
    assert fields(check(tmp_path, services=[a_service(**FAPI, pkce="optional")]).faults) == ["pkce"]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_fapi_client_uses_no_shared_secret(tmp_path: Path, method: str) -> None:
    secret = {**SECRET, "method": method}
    assert check(tmp_path, services=[a_service(client_authentication=secret)]).faults == ()
    reading = check(tmp_path, services=[a_service(**FAPI, client_authentication=secret)])
    assert fields(reading.faults) == ["client_authentication.method"]


@pytest.mark.parametrize("profile", ["fapi2-security", "fapi2-message-signing"])
def test_a_fapi_token_is_bound_to_its_sender(tmp_path: Path, profile: str) -> None:
    service = a_service(profile=profile, authorization_response="jarm")
    assert fields(check(tmp_path, services=[service]).faults) == ["sender_constrained"]
    for constraint in ("dpop", "mtls"):
        assert check(tmp_path, services=[{**service, "sender_constrained": constraint}]).faults == ()


@pytest.mark.parametrize("field", ["id_token", "userinfo", "request_object"])
def test_a_fapi_signature_is_not_rs256(tmp_path: Path, field: str) -> None:
    assert check(tmp_path, services=[a_service(**{field: {"signed": "RS256"}})]).faults == ()
    reading = check(tmp_path, services=[a_service(**FAPI, **{field: {"signed": "RS256"}})])
    assert fields(reading.faults) == [f"{field}.signed"]
    assert check(tmp_path, services=[a_service(**FAPI, **{field: {"signed": "PS256"}})]).faults == ()


def test_message_signing_signs_requests_or_answers(tmp_path: Path) -> None:
    service = a_service(**{**FAPI, "profile": "fapi2-message-signing"})
    assert fields(check(tmp_path, services=[service]).faults) == ["profile"]
    for difference in ({"request_object": {"required": True}}, {"authorization_response": "jarm"}):
        assert check(tmp_path, services=[{**service, **difference}]).faults == ()


@pytest.mark.parametrize("form", [{"required": True}, {"signed": "ES256"}])
def test_signed_requests_need_keys(tmp_path: Path, form: Entry) -> None:
    service = a_service(request_object=form, client_authentication=SECRET)
    assert fields(check(tmp_path, services=[service]).faults) == ["request_object"]
    service["client_authentication"] = {**SECRET, "jwks_uri": "https://rivers.example/jwks"}
    assert check(tmp_path, services=[service]).faults == ()


def test_keys_written_in_place_can_sign_what_is_registered(tmp_path: Path) -> None:
    keys = {"method": "private_key_jwt", "jwks": {"keys": [a_public_key()]}}
    service = a_service(request_object={"signed": "ES256"}, client_authentication=keys)
    assert check(tmp_path, services=[service]).faults == ()
    service["request_object"] = {"signed": "PS256"}
    assert fields(check(tmp_path, services=[service]).faults) == ["request_object.signed"]


@pytest.mark.parametrize("field", ["id_token", "userinfo"])
def test_encrypted_tokens_need_a_key_for_them(tmp_path: Path, field: str) -> None:
    encrypted = {field: {"encrypted": {"alg": "ECDH-ES", "enc": "A256GCM"}}}
    service = a_service(**encrypted, client_authentication=SECRET)
    assert fields(check(tmp_path, services=[service]).faults) == [f"{field}.encrypted"]
    service["client_authentication"] = {**SECRET, "jwks": {"keys": [a_public_key("RSA", 2048)]}}
    assert fields(check(tmp_path, services=[service]).faults) == [f"{field}.encrypted"]
    service["client_authentication"] = {**SECRET, "jwks": {"keys": [a_public_key(use="enc")]}}
    assert check(tmp_path, services=[service]).faults == ()


@pytest.mark.parametrize(
    "encrypted",
    [
        {"alg": "RSA1_5", "enc": "A256GCM"},
        {"alg": "dir", "enc": "A256GCM"},
        {"alg": "ECDH-ES"},
        {"enc": "A256GCM"},
    ],
)
def test_weak_or_half_said_encryption_cannot_be_registered(tmp_path: Path, encrypted: Entry) -> None:
    faults = check(tmp_path, services=[a_service(id_token={"encrypted": encrypted})]).faults
    assert the_only(faults).field.startswith("id_token.encrypted.")


@pytest.mark.parametrize("algorithm", ["none", "HS256", "EdDSA", "es256"])
def test_only_known_signatures_can_be_registered(tmp_path: Path, algorithm: str) -> None:
    fault = the_only(check(tmp_path, services=[a_service(id_token={"signed": algorithm})]).faults)
    assert (fault.field, fault.message) == ("id_token.signed", "must be ES256, RS256, PS256 or Ed25519")


@pytest.mark.parametrize(
    ("method", "place"),
    [
        ({}, "client_authentication"),
        ({"method": "none"}, "client_authentication.method"),
        ({"method": "client_secret_jwt"}, "client_authentication.method"),
        ({"method": "private_key_jwt"}, "client_authentication"),
        ({"method": "private_key_jwt", "secret_sha256": "0" * 64}, "client_authentication.secret_sha256"),
        (
            {
                "method": "private_key_jwt",
                "jwks_uri": "https://a.example/",
                "jwks": {"keys": [a_public_key()]},
            },
            "client_authentication",
        ),
        (
            {"method": "private_key_jwt", "jwks": {"keys": [a_public_key("OKP", "X25519")]}},
            "client_authentication",
        ),
        (
            {"method": "private_key_jwt", "jwks": {"keys": [a_private_key()]}},
            "client_authentication.jwks.keys[0]",
        ),
        ({"method": "client_secret_basic"}, "client_authentication.secret_sha256"),
        ({"method": "client_secret_post", "secret": "hunter2"}, "client_authentication.secret"),
        ({**SECRET, "secret_sha256": "0" * 63}, "client_authentication.secret_sha256"),
        ({**SECRET, "secret_sha256": "A" * 64}, "client_authentication.secret_sha256"),
        ({"method": "tls_client_auth"}, "client_authentication"),
        (
            {"method": "tls_client_auth", "san_dns": "a.example", "san_uri": "https://a.example/"},
            "client_authentication",
        ),
        ({"method": "tls_client_auth", "san_dns": "*.example"}, "client_authentication.san_dns"),
        ({"method": "self_signed_tls_client_auth"}, "client_authentication"),
        (
            {"method": "self_signed_tls_client_auth", "jwks": {"keys": [a_public_key()]}},
            "client_authentication",
        ),
    ],
)
def test_a_client_proves_itself_in_exactly_one_way(tmp_path: Path, method: Entry, place: str) -> None:
    assert place in fields(check(tmp_path, services=[a_service(client_authentication=method)]).faults)


@pytest.mark.parametrize(
    "method",
    [
        {"method": "tls_client_auth", "subject_dn": "CN=rivers.example,O=Rivers Agency,C=GB"},
        {"method": "tls_client_auth", "san_dns": "rivers.example"},
        {"method": "tls_client_auth", "san_uri": "https://rivers.example/"},
        {"method": "self_signed_tls_client_auth", "jwks": {"keys": [a_public_key(x5c=["MIIB"])]}},
        {"method": "private_key_jwt", "jwks": {"keys": [a_public_key("RSA", 2048)]}},
    ],
)
def test_every_way_of_the_contract_can_be_registered(tmp_path: Path, method: Entry) -> None:
    assert check(tmp_path, services=[a_service(client_authentication=method)]).faults == ()
    assert check(tmp_path, services=[a_service(**FAPI, client_authentication=method)]).faults == ()


def test_a_provider_is_not_both_allowed_and_denied(tmp_path: Path) -> None:
    service = a_service(providers={"allow": ["northgate"], "deny": ["northgate"]})
    assert fields(check(tmp_path, services=[service]).faults) == ["providers.deny[0]"]


def test_a_service_allows_some_provider(tmp_path: Path) -> None:
    assert fields(check(tmp_path, services=[a_service(providers={"allow": []})]).faults) == [
        "providers.allow"
    ]
    assert fields(check(tmp_path, services=[a_service(providers={"allow": "some"})]).faults) == [
        "providers.allow"
    ]


def test_providers_that_a_service_names_exist(tmp_path: Path) -> None:
    service = a_service(providers={"allow": ["northgate", "southgate"], "deny": ["eastgate"]})
    reading = check(tmp_path, services=[service])
    assert fields(reading.faults) == ["providers.allow[1]", "providers.deny[0]"]
    assert reading.faults[0].message == "southgate is not a provider of this registry (known: northgate)"


@pytest.mark.parametrize(
    ("providers", "admitted"),
    [
        ({}, ["civic-post", "northgate"]),
        ({"allow": ["northgate"]}, ["northgate"]),
        ({"deny": ["northgate"]}, ["civic-post"]),
    ],
)
def test_denial_counts_more_than_permission(tmp_path: Path, providers: Entry, admitted: list[str]) -> None:
    reading = check(
        tmp_path,
        services=[a_service(providers=providers)],
        providers=[a_provider(), a_provider(id="civic-post")],
    )
    assert reading.federation is not None
    service = reading.federation.services["fishing-licence"]
    assert [provider.id for provider in reading.federation.providers_for(service)] == admitted


@pytest.mark.parametrize("text", ["", " ", "two\nlines", " edge", "right\u202eleft", "bell\x07", "x" * 501])
def test_text_that_people_read_is_one_clean_line(tmp_path: Path, text: str) -> None:
    assert fields(check(tmp_path, services=[a_service(organisation=text)]).faults) == ["organisation"]
    assert fields(check(tmp_path, services=[a_service(name={"en": text})]).faults) == ["name.en"]


def test_text_is_english_where_nobody_translated_it(tmp_path: Path) -> None:
    service = a_service(name={"en": "Join the library", "cy": "Ymuno â'r llyfrgell"})
    federation = check(tmp_path, services=[service]).federation
    assert federation is not None
    name = federation.services["fishing-licence"].name
    assert [name.text(language) for language in ("cy", "cy-GB", "CY", "en", "en-GB", "cyx", "")] == [
        *["Ymuno â'r llyfrgell"] * 3,
        *["Join the library"] * 4,
    ]
    purpose = federation.services["fishing-licence"].attributes[0].purpose
    assert purpose.text("cy") == "To print on the licence"
    notice = federation.services["fishing-licence"].privacy_notice
    assert notice is not None
    assert notice.text("cy") == "https://rivers.example/privacy"


@pytest.mark.parametrize("field", ["shared_session", "direct_hint", "refresh_tokens", "disclose_provider"])
@pytest.mark.parametrize("value", ["yes", "true", 1, None])
def test_yes_and_no_are_written_true_and_false(tmp_path: Path, field: str, value: object) -> None:
    fault = the_only(check(tmp_path, services=[a_service(**{field: value})]).faults)
    assert (fault.field, fault.message) == (field, "must be true or false")


def test_a_level_that_no_provider_reaches_is_a_warning(tmp_path: Path) -> None:
    reading = check(tmp_path, services=[a_service(assurance={"minimum": "very_high.high"})])
    assert reading.federation is not None
    warning = the_only(reading.warnings)
    assert (warning.field, warning.line) == ("assurance.minimum", 14)
    assert "no provider that the service takes reaches very_high.high" in warning.message


def test_a_provider_that_the_service_denies_does_not_count_as_reaching_its_level(tmp_path: Path) -> None:
    reading = check(tmp_path, services=[a_service(providers={"deny": ["northgate"]})])
    assert fields(reading.warnings) == ["assurance.minimum"]


def test_what_a_reviewer_should_know_is_a_warning(tmp_path: Path) -> None:
    service = a_service(kind="private", assurance={"minimum": "medium.medium", "acceptable": ["medium.low"]})
    del service["privacy_notice"]
    reading = check(tmp_path, services=[service])
    assert reading.federation is not None
    assert sorted(fields(reading.warnings)) == ["", "assurance.acceptable[0]", "lawful_basis"]
