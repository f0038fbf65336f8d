"""What the browser brings back is judged before the provider is called (A-UO-01, A-UO-02)."""

from __future__ import annotations

import pytest

from idp_adapters.errors import (
    IdentityNotProvedError,
    IdentityProviderError,
    ProviderUnavailableError,
    SignInCancelledError,
    UntrustedAnswerError,
)
from tests.idp_adapters.oidc.scripted_provider import ISSUER, NOW, ScriptedProvider


def _refused_without_a_call(
    provider: ScriptedProvider, match: str, **changes: str | None
) -> IdentityProviderError:
    departure = provider.begin()
    before = len(provider.heard)
    with pytest.raises(IdentityProviderError, match=match) as caught:
        provider.finish(departure, **changes)
    assert len(provider.heard) == before
    return caught.value


@pytest.mark.parametrize(
    "issuer",
    [
        "https://honest.example",
        ISSUER + "/",
        ISSUER + "/tenant",
        ISSUER.upper(),
        "https://IDP.example",
        ISSUER[:-1],
        "http://idp.example",
        f" {ISSUER}",
        "",
    ],
)
def test_a_uo_01_a_code_that_came_with_another_issuer_is_not_redeemed(
    issuer: str, provider: ScriptedProvider
) -> None:
    error = _refused_without_a_call(provider, "not the issuer", iss=issuer)
    assert isinstance(error, UntrustedAnswerError)


def test_a_uo_01_an_error_of_another_issuer_is_not_believed(provider: ScriptedProvider) -> None:
    error = _refused_without_a_call(
        provider, "not the issuer", iss="https://evil.example", code=None, error="access_denied"
    )
    assert isinstance(error, UntrustedAnswerError)


def test_a_uo_01_a_provider_that_always_names_itself_must_do_so(provider: ScriptedProvider) -> None:
    _refused_without_a_call(provider, "iss is missing", iss=None)


def test_a_uo_01_a_provider_that_does_not_promise_to_name_itself_may_stay_silent(
    provider: ScriptedProvider,
) -> None:
    del provider.metadata["authorization_response_iss_parameter_supported"]
    assert provider.finish(iss=None).subject


def test_a_uo_01_even_then_a_wrong_name_is_refused(provider: ScriptedProvider) -> None:
    del provider.metadata["authorization_response_iss_parameter_supported"]
    _refused_without_a_call(provider, "not the issuer", iss="https://evil.example")


def test_a_uo_01_a_registration_changed_meanwhile_does_not_get_the_code(provider: ScriptedProvider) -> None:
    departure = provider.begin()
    provider.adapter = provider.build(issuer="https://new.example")
    before = len(provider.heard)
    with pytest.raises(UntrustedAnswerError, match="changed during the sign-in"):
        provider.adapter.finish(provider.answer(iss="https://new.example"), departure.pending, NOW)
    assert len(provider.heard) == before


@pytest.mark.parametrize(
    "state", [None, "", "journey.stat", "journey.state.", "JOURNEY.STATE", "another", "\udcff"]
)
def test_a_uo_02_an_answer_without_this_journeys_state_is_not_followed_up(
    state: str | None, provider: ScriptedProvider
) -> None:
    error = _refused_without_a_call(provider, "state is missing or not", state=state)
    assert isinstance(error, UntrustedAnswerError)


def test_a_uo_02_an_error_without_this_journeys_state_is_not_believed(provider: ScriptedProvider) -> None:
    error = _refused_without_a_call(
        provider, "state is missing or not", state="another", code=None, error="access_denied"
    )
    assert isinstance(error, UntrustedAnswerError)


@pytest.mark.parametrize("missing", ["state", "nonce", "code_verifier", "issuer"])
def test_a_uo_02_an_answer_to_nothing_pending_is_refused(missing: str, provider: ScriptedProvider) -> None:
    pending = {name: value for name, value in provider.begin().pending.items() if name != missing}
    before = len(provider.heard)
    with pytest.raises(UntrustedAnswerError, match=f"{missing} is missing"):
        provider.adapter.finish(provider.answer(), pending, NOW)
    assert len(provider.heard) == before


def test_a_uo_02_an_empty_pending_state_matches_nothing(provider: ScriptedProvider) -> None:
    pending = {**provider.begin().pending, "state": ""}
    with pytest.raises(UntrustedAnswerError, match="state"):
        provider.adapter.finish(provider.answer(state=""), pending, NOW)
    assert provider.calls("token") == 0


@pytest.mark.parametrize(
    "changes",
    [{"code": None}, {"error": "access_denied"}],
    ids=["neither", "both"],
)
def test_an_answer_is_either_a_code_or_an_error(
    changes: dict[str, str | None], provider: ScriptedProvider
) -> None:
    _refused_without_a_call(provider, "neither a code nor an error", **changes)


@pytest.mark.parametrize("code", ["", " ", "a b", "é", "a\r\nb", "x" * 4097])
def test_a_malformed_code_is_not_sent_on(code: str, provider: ScriptedProvider) -> None:
    _refused_without_a_call(provider, "the code is empty", code=code)


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("access_denied", SignInCancelledError),
        ("unmet_authentication_requirements", IdentityNotProvedError),
        ("temporarily_unavailable", ProviderUnavailableError),
        ("server_error", ProviderUnavailableError),
        ("login_required", IdentityProviderError),
        ("interaction_required", IdentityProviderError),
        ("invalid_request", IdentityProviderError),
        ("invalid_scope", IdentityProviderError),
        ("made_up", UntrustedAnswerError),
        ("ACCESS_DENIED", UntrustedAnswerError),
        ("", UntrustedAnswerError),
    ],
)
def test_a_providers_error_is_told_by_its_cause(
    error: str, cause: type[IdentityProviderError], provider: ScriptedProvider
) -> None:
    raised = _refused_without_a_call(provider, "provider answered", code=None, error=error)
    assert type(raised) is cause


def test_what_the_browser_says_is_not_quoted_in_the_log(provider: ScriptedProvider) -> None:
    raised = _refused_without_a_call(
        provider,
        "no standard defines",
        code=None,
        error="Amelia\nThornbury",
        error_description="born 1985-04-12",
    )
    assert "Amelia" not in raised.detail
    assert "1985" not in raised.detail
