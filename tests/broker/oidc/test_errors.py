"""Errors: what may be told to whom, in words that the standard allows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from authlib.oauth2.base import invalid_error_characters

from broker.oidc import errors, request_errors
from broker.oidc.errors import BearerError, DirectError, OpenIdError, RedirectableError, UnsafeToRedirectError

ROOTS = (UnsafeToRedirectError, RedirectableError, DirectError, BearerError)


def all_errors(root: type[OpenIdError] = OpenIdError) -> Iterator[type[OpenIdError]]:
    for child in root.__subclasses__():
        yield child
        yield from all_errors(child)


@pytest.mark.parametrize("cause", list(all_errors()), ids=lambda cause: cause.__name__)
def test_every_cause_has_public_words_that_the_standard_allows(cause: type[OpenIdError]) -> None:
    error = cause("expected this, got 'that\"\\\n")
    assert not invalid_error_characters(error.description)
    assert error.description or cause is errors.MissingTokenError
    assert error.detail.isprintable()
    assert error.detail.isascii()


def test_no_error_may_both_travel_and_stay() -> None:
    for cause in all_errors():
        assert sum(issubclass(cause, root) for root in ROOTS) == 1


def test_every_cause_says_when_it_is_raised() -> None:
    assert all(cause.__doc__ for cause in all_errors())


def test_what_was_sent_is_in_the_detail_and_never_in_the_description() -> None:
    error = request_errors.UnsupportedResponseTypeError("expected code, got <script>")
    assert "<script>" in error.detail
    assert "<script>" not in error.description


def test_a_detail_is_cut_short() -> None:
    assert len(errors.UnknownClientError("x" * 10_000).detail) == 200


def test_a_public_text_with_a_forbidden_character_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="forbidden"):
        request_errors.RepeatedParameterError("", description='a "quote"')


def test_only_after_basic_does_the_answer_name_basic() -> None:
    assert "WWW-Authenticate" not in dict(errors.InvalidClientError("").get_headers())
    challenge = dict(errors.InvalidClientError("", tried_basic=True).get_headers())["WWW-Authenticate"]
    assert challenge.startswith("Basic realm=")


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (errors.LoginRequiredError, "login_required"),
        (errors.InteractionRequiredError, "interaction_required"),
        (errors.ConsentRequiredError, "consent_required"),
        (errors.AccountSelectionRequiredError, "account_selection_required"),
        (errors.UnmetAuthenticationRequirementsError, "unmet_authentication_requirements"),
        (request_errors.RequestObjectNotSupportedError, "request_not_supported"),
        (request_errors.RequestUriNotSupportedError, "request_uri_not_supported"),
        (request_errors.RegistrationNotSupportedError, "registration_not_supported"),
        (errors.TemporarilyUnavailableError, "temporarily_unavailable"),
        (errors.InvalidTokenError, "invalid_token"),
        (errors.InsufficientScopeError, "insufficient_scope"),
        (errors.InvalidGrantError, "invalid_grant"),
    ],
)
def test_wire_codes_are_the_standards(cause: type[OpenIdError], code: str) -> None:
    assert cause("").error == code
