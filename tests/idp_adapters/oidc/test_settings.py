from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from idp_adapters.errors import AdapterSettingsError
from idp_adapters.oidc.settings import (
    AuthenticationMethod,
    AuthenticationSettings,
    LevelRequest,
    OidcSettings,
    read_settings,
)
from tests.idp_adapters.oidc.scripted_provider import SETTINGS


def faults(settings: Mapping[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(AdapterSettingsError) as caught:
        read_settings(settings)
    return list(caught.value.faults)


def test_the_contracts_example_is_read() -> None:
    given = {
        "issuer": "http://localhost:8401",
        "client_id": "countersign",
        "client_authentication": {"method": "private_key_jwt"},
        "scopes": ["openid", "profile", "email", "phone", "address"],
        "level_request": "acr_values",
    }
    assert read_settings(given) == OidcSettings(
        issuer="http://localhost:8401",
        client_id="countersign",
        client_authentication=AuthenticationSettings(method=AuthenticationMethod.PRIVATE_KEY_JWT),
        scopes=("openid", "profile", "email", "phone", "address"),
        level_request=LevelRequest.ACR_VALUES,
        claims=(),
        id_token_signed=None,
    )


def test_frozen_mappings_and_tuples_are_read_alike() -> None:
    given = MappingProxyType(
        {
            **SETTINGS,
            "client_authentication": MappingProxyType(
                {"method": "client_secret_basic", "secret_env": "NORTHGATE_SECRET"}
            ),
            "scopes": ("openid",),
            "claims": ("nationalities",),
            "id_token": MappingProxyType({"signed": "ES256"}),
        }
    )
    settings = read_settings(given)
    assert settings.client_authentication.secret_env == "NORTHGATE_SECRET"
    assert (settings.scopes, settings.claims, settings.id_token_signed) == (
        ("openid",),
        ("nationalities",),
        "ES256",
    )


def test_every_fault_is_reported_at_once() -> None:
    assert [field for field, _ in faults({"issuer": "ftp://x", "scopes": [], "colour": "red"})] == [
        "issuer",
        "client_id",
        "scopes",
        "colour",
    ]


def test_what_the_contract_shows_is_the_default() -> None:
    """An entry needs its issuer and client identifier; the rest is as in the contract's example."""
    given = {"issuer": "http://localhost:8401", "client_id": "countersign"}
    assert read_settings(given) == read_settings(
        {
            **given,
            "client_authentication": {"method": "private_key_jwt"},
            "scopes": ["openid", "profile", "email", "phone", "address"],
            "level_request": "acr_values",
        }
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"issuer": None}, "issuer"),
        ({"issuer": "http://idp.example"}, "issuer"),
        ({"issuer": "https://idp.example?x=y"}, "issuer"),
        ({"issuer": "https://idp.example#x"}, "issuer"),
        ({"issuer": "https://user@idp.example"}, "issuer"),
        ({"client_id": ""}, "client_id"),
        ({"client_id": "two words"}, "client_id"),
        ({"client_id": 7}, "client_id"),
        ({"client_authentication": "private_key_jwt"}, "client_authentication"),
        ({"client_authentication": {}}, "client_authentication.method"),
        ({"client_authentication": {"method": "none"}}, "client_authentication.method"),
        ({"client_authentication": {"method": ["x"]}}, "client_authentication.method"),
        (
            {"client_authentication": {"method": "private_key_jwt", "secret_env": "X"}},
            "client_authentication.secret_env",
        ),
        ({"client_authentication": {"method": "client_secret_basic"}}, "client_authentication.secret_env"),
        (
            {"client_authentication": {"method": "client_secret_basic", "secret_env": "a secret!"}},
            "client_authentication.secret_env",
        ),
        (
            {"client_authentication": {"method": "client_secret_basic", "secret": "x"}},
            "client_authentication.secret",
        ),
        ({"scopes": "openid"}, "scopes"),
        ({"scopes": ["profile"]}, "scopes"),
        ({"scopes": ["openid", "openid"]}, "scopes"),
        ({"scopes": ["openid", "two words"]}, "scopes"),
        ({"scopes": ["openid", 7]}, "scopes"),
        ({"level_request": "amr"}, "level_request"),
        ({"level_request": None}, "level_request"),
        ({"claims": ["password"]}, "claims"),
        ({"claims": "name"}, "claims"),
        ({"id_token": "ES256"}, "id_token"),
        ({"id_token": {"signed": "HS256"}}, "id_token.signed"),
        ({"id_token": {"signed": "none"}}, "id_token.signed"),
        ({"id_token": {"signed": "ES256", "encrypted": None}}, "id_token"),
    ],
)
def test_a_faulty_field_is_named(change: dict[str, Any], field: str) -> None:
    assert [name for name, _ in faults({**SETTINGS, **change})] == [field]


def test_a_secret_written_where_its_variable_belongs_is_not_repeated() -> None:
    secret = "hunter2-very-secret"
    told = faults(
        {**SETTINGS, "client_authentication": {"method": "client_secret_basic", "secret_env": secret}}
    )
    assert secret not in str(told)
