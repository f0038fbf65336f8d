from __future__ import annotations

from typing import Any

import pytest
import responses

from config.federation import IdentityProvider
from idp_adapters.contract import SignInRequest
from idp_adapters.errors import AdapterSettingsError
from idp_adapters.oidc.adapter import OidcAdapter
from idp_adapters.outbound import AllowList, OutboundClient
from idp_adapters.registry import ADAPTERS, SETTINGS_VALIDATORS, build_adapter, callback_url
from tests.idp_adapters.oidc.scripted_provider import HUB_KEY, SETTINGS, ScriptedProvider, query


def _registered(adapter: str = "oidc", **settings: object) -> IdentityProvider:
    entry: dict[str, Any] = {
        "id": "northgate",
        "name": {"en": "Northgate Identity"},
        "kind": "private",
        "adapter": adapter,
        "settings": {**SETTINGS, **settings},
        "levels": {"urn:example:northgate:low": {"level": "low.medium", "scheme": "gpg45/0.4"}},
        "certification": {"self_declared": True, "not_after": "2027-11-30"},
    }
    return IdentityProvider.model_validate(entry, strict=False)


def _outbound() -> OutboundClient:
    return OutboundClient(allow=AllowList(), user_agent="x")


def test_every_protocol_has_both_an_adapter_and_a_validator() -> None:
    assert ADAPTERS.keys() == SETTINGS_VALIDATORS.keys()


def test_a_registered_provider_becomes_its_adapter_without_a_call(mock: responses.RequestsMock) -> None:
    adapter = build_adapter(
        _registered(), issuer="https://hub.example", client_key=HUB_KEY, outbound=_outbound()
    )
    assert isinstance(adapter, OidcAdapter)
    assert len(mock.calls) == 0


def test_a_uo_01_every_provider_has_its_own_callback(mock: responses.RequestsMock) -> None:
    ScriptedProvider(mock)
    adapter = build_adapter(
        _registered(), issuer="https://hub.example", client_key=HUB_KEY, outbound=_outbound()
    )
    departure = adapter.begin(SignInRequest(state="s", levels=(), fresh=False, language="en"))
    expected = "https://hub.example/providers/northgate/callback"
    assert query(departure.redirect_url)["redirect_uri"] == expected
    assert callback_url("https://hub.example", "civic-post") != expected


def test_a_protocol_that_nobody_speaks_is_refused() -> None:
    with pytest.raises(AdapterSettingsError, match="adapter: must be one of oidc"):
        build_adapter(
            _registered("telepathy"), issuer="https://hub.example", client_key=HUB_KEY, outbound=_outbound()
        )


def test_settings_that_do_not_fit_are_refused_as_the_validator_does() -> None:
    with pytest.raises(AdapterSettingsError) as built:
        build_adapter(
            _registered(scopes=["profile"]),
            issuer="https://h.example",
            client_key=HUB_KEY,
            outbound=_outbound(),
        )
    with pytest.raises(AdapterSettingsError) as validated:
        SETTINGS_VALIDATORS["oidc"]({**SETTINGS, "scopes": ["profile"]})
    assert built.value.faults == validated.value.faults


def test_a_secret_that_the_environment_lacks_is_named() -> None:
    registered = _registered(
        client_authentication={"method": "client_secret_basic", "secret_env": "NORTHGATE_SECRET"}
    )
    with pytest.raises(AdapterSettingsError, match="the environment has no NORTHGATE_SECRET"):
        build_adapter(registered, issuer="https://h.example", client_key=HUB_KEY, outbound=_outbound())
    build_adapter(
        registered,
        issuer="https://h.example",
        client_key=HUB_KEY,
        outbound=_outbound(),
        client_secrets={"NORTHGATE_SECRET": "x"},
    )
