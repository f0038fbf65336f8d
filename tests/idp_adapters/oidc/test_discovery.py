from __future__ import annotations

import threading

import pytest
import responses

from idp_adapters.errors import (
    IdentityProviderError,
    ProviderBusyError,
    ProviderUnavailableError,
    UntrustedAnswerError,
)
from idp_adapters.oidc.discovery import Discovery
from idp_adapters.oidc.settings import read_settings
from idp_adapters.outbound import AllowList, OutboundClient
from tests.idp_adapters.oidc.scripted_provider import ISSUER, SETTINGS, ScriptedProvider


def _refused(provider: ScriptedProvider, match: str) -> None:
    with pytest.raises(UntrustedAnswerError, match=match):
        provider.begin()
    assert provider.calls("jwks") == provider.calls("token") == 0


@pytest.mark.parametrize("issuer", [ISSUER + "/", ISSUER.upper(), "https://evil.example", None, [ISSUER]])
def test_a_uo_04_a_description_of_another_issuer_is_refused(
    issuer: object, provider: ScriptedProvider
) -> None:
    provider.metadata["issuer"] = issuer
    _refused(provider, "issuer is not exactly the registered one")


@pytest.mark.parametrize(
    "endpoint", ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"]
)
@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example/x",
        "http://localhost/x",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://user@idp.example/x",
        "https://idp.example/x#y",
        "/relative",
        "",
        7,
        None,
    ],
)
def test_a_uo_09_an_endpoint_that_the_hub_may_not_call_is_refused(
    endpoint: str, url: object, provider: ScriptedProvider
) -> None:
    provider.metadata[endpoint] = url
    _refused(provider, endpoint)


@pytest.mark.parametrize(
    "address", ["https://169.254.169.254/jwks", "https://10.0.0.1/jwks", "https://[::1]/j"]
)
def test_a_uo_09_an_endpoint_at_a_private_address_is_described_but_never_connected_to(address: str) -> None:
    # Without `responses`: the address check is on the way to the socket.
    outbound = OutboundClient(allow=AllowList(), user_agent="x")
    settings = read_settings({**SETTINGS, "issuer": address.rpartition("/")[0]})
    with pytest.raises(UntrustedAnswerError, match="may not connect"):
        Discovery(provider="northgate", settings=settings, outbound=outbound).metadata()


@pytest.mark.parametrize("missing", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_an_endpoint_that_is_needed_must_be_there(missing: str, provider: ScriptedProvider) -> None:
    del provider.metadata[missing]
    _refused(provider, f"{missing} is missing")


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        ("response_types_supported", ["id_token"], "response_types_supported lacks code"),
        ("response_types_supported", "code", "response_types_supported lacks code"),
        ("grant_types_supported", ["implicit"], "grant_types_supported lacks authorization_code"),
        ("code_challenge_methods_supported", ["plain"], "code_challenge_methods_supported lacks S256"),
        ("token_endpoint_auth_methods_supported", ["client_secret_post"], "lacks private_key_jwt"),
        ("token_endpoint_auth_signing_alg_values_supported", ["RS256"], "lacks ES256"),
        ("id_token_signing_alg_values_supported", ["HS256", "none"], "no ID token algorithm"),
        ("id_token_signing_alg_values_supported", None, "no ID token algorithm"),
    ],
)
def test_a_provider_that_lacks_what_the_adapter_needs_is_refused(
    member: str, value: object, reason: str, provider: ScriptedProvider
) -> None:
    provider.metadata[member] = value
    _refused(provider, reason)


def test_silence_means_the_standards_default(provider: ScriptedProvider) -> None:
    for member in ("code_challenge_methods_supported", "token_endpoint_auth_methods_supported"):
        provider.metadata.pop(member)
    _refused(provider, "token_endpoint_auth_methods_supported lacks private_key_jwt")


def test_all_faults_of_a_description_are_told_at_once(provider: ScriptedProvider) -> None:
    provider.metadata |= {"issuer": "x", "token_endpoint": "http://idp.example"}
    del provider.metadata["jwks_uri"]
    _refused(provider, "token_endpoint.*jwks_uri is missing.*|issuer.*token_endpoint.*jwks_uri")


def test_a_description_is_pinned_at_first_use(provider: ScriptedProvider) -> None:
    provider.begin()
    provider.metadata["token_endpoint"] = "https://evil.example/token"
    provider.finish()
    assert provider.calls("discovery") == 1
    assert provider.calls("token") == 1


def test_a_description_that_was_refused_is_not_remembered(provider: ScriptedProvider) -> None:
    provider.metadata["issuer"] = "x"
    _refused(provider, "issuer")
    provider.metadata["issuer"] = ISSUER
    provider.begin()


@pytest.mark.parametrize(
    ("status", "content_type", "body", "cause"),
    [
        (404, "application/json", b"{}", UntrustedAnswerError),
        (204, "application/json", b"", UntrustedAnswerError),
        (302, "application/json", b"{}", UntrustedAnswerError),
        (200, "text/html", b"<html>", UntrustedAnswerError),
        (200, "application/json", b"[]", UntrustedAnswerError),
        (200, "application/json", b"{", UntrustedAnswerError),
        (200, "application/json", b'{"issuer": "\xff"}', UntrustedAnswerError),
        (200, "application/json", '{"issuer": "x"}'.encode("utf-16"), UntrustedAnswerError),
        (200, "application/json", b"{" + b" " * 300_000 + b"}", UntrustedAnswerError),
        (500, "application/json", b"{}", ProviderUnavailableError),
        (503, "text/html", b"<html>", ProviderUnavailableError),
    ],
)
def test_a_op_02_a_description_that_cannot_be_had_is_an_error_of_ours(
    status: int,
    content_type: str,
    body: bytes,
    cause: type[IdentityProviderError],
    mock: responses.RequestsMock,
) -> None:
    provider = ScriptedProvider(mock)
    mock.replace(
        responses.GET,
        f"{ISSUER}/.well-known/openid-configuration",
        body=body,
        status=status,
        content_type=content_type,
    )
    with pytest.raises(IdentityProviderError) as caught:
        provider.begin()
    assert type(caught.value) is cause


def test_an_issuer_with_a_path_or_a_slash_is_asked_at_its_own_address(mock: responses.RequestsMock) -> None:
    for issuer in ("https://multi.example/tenant", "https://multi.example/tenant/"):
        answer = {**ScriptedProvider(mock).metadata, "issuer": issuer}
        mock.upsert(
            responses.GET,
            "https://multi.example/tenant/.well-known/openid-configuration",
            json=answer,
        )
        settings = read_settings({**SETTINGS, "issuer": issuer})
        outbound = OutboundClient(allow=AllowList(), user_agent="x")
        metadata = Discovery(provider="northgate", settings=settings, outbound=outbound).metadata()
        assert metadata.token_endpoint == f"{ISSUER}/token"


def test_many_at_once_fetch_the_description_once(provider: ScriptedProvider) -> None:
    threads = [threading.Thread(target=provider.begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert provider.calls("discovery") == 1


def test_somebody_who_waits_too_long_for_a_description_is_told_so(
    provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idp_adapters.oidc.discovery._PATIENCE", 0.01)
    discovery = provider.adapter._discovery
    with discovery._lock, pytest.raises(ProviderBusyError, match="being fetched"):
        discovery.metadata()
