"""What the token and userinfo endpoints may answer, and that the other one is not asked afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
import responses

from idp_adapters.errors import IdentityProviderError, ProviderUnavailableError, UntrustedAnswerError
from tests.idp_adapters.oidc.scripted_provider import ISSUER, ScriptedProvider

JSON = {"Content-Type": "application/json"}


def _failure(provider: ScriptedProvider) -> IdentityProviderError:
    with pytest.raises(IdentityProviderError) as caught:
        provider.finish()
    return caught.value


@pytest.mark.parametrize(
    ("status", "error", "cause"),
    [
        (400, "invalid_grant", UntrustedAnswerError),
        (400, "invalid_request", IdentityProviderError),
        (401, "invalid_client", IdentityProviderError),
        (400, "unauthorized_client", IdentityProviderError),
        (400, "temporarily_unavailable", ProviderUnavailableError),
        (400, "server_error", ProviderUnavailableError),
        (400, "Amelia Thornbury", UntrustedAnswerError),
        (400, None, UntrustedAnswerError),
        (400, 7, UntrustedAnswerError),
        (201, None, UntrustedAnswerError),
    ],
)
def test_a_refused_code_is_told_by_its_cause(
    status: int, error: object, cause: type[IdentityProviderError], provider: ScriptedProvider
) -> None:
    body = json.dumps({"error": error, "error_description": "Amelia was here"}).encode()
    provider.token_reply = (status, JSON, body)
    raised = _failure(provider)
    assert type(raised) is cause
    assert "Amelia" not in raised.detail
    assert provider.calls("jwks") == provider.calls("userinfo") == 0


@pytest.mark.parametrize(
    ("status", "headers", "body", "cause"),
    [
        (500, JSON, b"{}", ProviderUnavailableError),
        (503, {"Content-Type": "text/html"}, b"<html>", ProviderUnavailableError),
        (429, JSON, b"{}", ProviderUnavailableError),
        (302, {**JSON, "Location": "https://evil.example"}, b"", UntrustedAnswerError),
        (200, {"Content-Type": "text/html"}, b"<html>", UntrustedAnswerError),
        (200, {}, b"{}", UntrustedAnswerError),
        (200, JSON, b"", UntrustedAnswerError),
        (200, JSON, b'{"access_token": "a', UntrustedAnswerError),
        (200, JSON, b"[1]", UntrustedAnswerError),
        (200, JSON, b"[" * 100_000, UntrustedAnswerError),
        (200, JSON, '{"token_type": "Bearer"}'.encode("utf-16"), UntrustedAnswerError),
        (200, JSON, b'{"a": "' + b"x" * 262_144 + b'"}', UntrustedAnswerError),
    ],
)
def test_a_op_02_a_token_endpoint_that_misbehaves_is_an_error_of_ours(
    status: int,
    headers: dict[str, str],
    body: bytes,
    cause: type[IdentityProviderError],
    provider: ScriptedProvider,
) -> None:
    provider.token_reply = (status, headers, body)
    assert type(_failure(provider)) is cause
    assert provider.calls("userinfo") == 0
    assert provider.calls("token") == 1


@pytest.mark.parametrize(
    "failure",
    [requests.exceptions.ConnectTimeout(), requests.exceptions.ReadTimeout(), ConnectionResetError()],
)
def test_a_op_02_a_call_that_fails_on_the_way_is_an_unavailable_provider(
    failure: Exception, mock: responses.RequestsMock
) -> None:
    provider = ScriptedProvider(mock)
    departure = provider.begin()
    body = failure if isinstance(failure, requests.RequestException) else requests.ConnectionError(failure)
    mock.replace(responses.POST, f"{ISSUER}/token", body=body)
    with pytest.raises(ProviderUnavailableError, match="no answer"):
        provider.finish(departure)


@pytest.mark.parametrize(
    "change",
    [
        {"token_type": "DPoP"},
        {"token_type": None},
        {"access_token": ""},
        {"access_token": None},
        {"access_token": "a b"},
        {"access_token": "a\r\nX-Evil: 1"},
        {"access_token": "é"},
        {"access_token": "x" * 8193},
    ],
)
def test_a_token_response_without_usable_tokens_is_refused(
    change: dict[str, Any], provider: ScriptedProvider
) -> None:
    provider.token_answer |= change
    assert type(_failure(provider)) is UntrustedAnswerError
    assert provider.calls("userinfo") == 0


@pytest.mark.parametrize("id_token", [None, 7, ["x"], "é.é.é"])
def test_a_token_response_without_an_id_token_is_refused(
    id_token: object, provider: ScriptedProvider
) -> None:
    body = json.dumps({"access_token": "a", "token_type": "bearer", "id_token": id_token}).encode()
    provider.token_reply = (200, JSON, body)
    with pytest.raises(UntrustedAnswerError, match="no usable id_token"):
        provider.finish()


@pytest.mark.parametrize("spelling", ["bearer", "BEARER"])
def test_the_token_type_is_spelled_in_any_case(spelling: str, provider: ScriptedProvider) -> None:
    provider.token_answer["token_type"] = spelling
    assert provider.finish().subject


@pytest.mark.parametrize("subject", ["person-2", "Person-1", "person-1 ", "", None, ["person-1"], ...])
def test_a_uo_08_userinfo_about_another_person_fails_the_sign_in(
    subject: object, provider: ScriptedProvider
) -> None:
    provider.userinfo = {"name": "Somebody Else"} | ({} if subject is ... else {"sub": subject})
    raised = _failure(provider)
    assert type(raised) is UntrustedAnswerError
    assert "another sub" in raised.detail
    assert "Somebody" not in raised.detail


@pytest.mark.parametrize(
    ("status", "headers", "body", "cause"),
    [
        (401, JSON, b"{}", IdentityProviderError),
        (403, JSON, b"{}", IdentityProviderError),
        (500, JSON, b"{}", ProviderUnavailableError),
        (200, {"Content-Type": "application/jwt"}, b"e30.e30.AA", UntrustedAnswerError),
        (200, {"Content-Type": "text/html"}, b"<html>", UntrustedAnswerError),
        (200, JSON, b'{"sub": "person-2", "sub": "person-1"}', UntrustedAnswerError),
        (200, JSON, b'{"sub": "person-1", "name": "\\ud800"}', UntrustedAnswerError),
        (200, JSON, b'{"sub": "person-1", "name": {"x": 1}}', UntrustedAnswerError),
        (200, JSON, b'{"sub": "person-1", "x": "' + b"y" * 1_000_000 + b'"}', UntrustedAnswerError),
    ],
)
def test_userinfo_that_misbehaves_fails_the_sign_in(
    status: int,
    headers: dict[str, str],
    body: bytes,
    cause: type[IdentityProviderError],
    provider: ScriptedProvider,
) -> None:
    provider.userinfo_reply = (status, headers, body)
    assert type(_failure(provider)) is cause
