"""The checks of an authorization request, and above all where their errors may go."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.oidc import errors, request_errors
from broker.oidc.authorization_request import AuthorizationRequest
from broker.oidc.errors import OpenIdError, RedirectableError, UnsafeToRedirectError
from broker.oidc.parameters import KNOWN, Parameters, parse_parameters
from broker.oidc.request_checks import validate_authorization_request
from tests.broker.builders import (
    CODE_CHALLENGE,
    REDIRECT_URI,
    a_federation,
    a_provider,
    a_service,
    request_parameters,
    some_attributes,
)

FEDERATION = a_federation()


def refusal(parameters: Parameters) -> OpenIdError:
    with pytest.raises(OpenIdError) as raised:
        validate_authorization_request(parameters, FEDERATION)
    return raised.value


def accepted(parameters: Parameters) -> AuthorizationRequest:
    return validate_authorization_request(parameters, FEDERATION)[1]


def test_a_valid_request_is_read() -> None:
    service, request = validate_authorization_request(
        request_parameters(
            prompt="login consent", max_age="0", ui_locales="cy en-GB x", acr_values="b a b", display="popup",
            login_hint="ann", extra="foobar", claims='{"userinfo": {"name": null}}',
        ),
        FEDERATION,
    )  # fmt: skip
    assert service.id == request.client_id == "fishing-licence"
    assert request.scope == ("openid", "attributes")
    assert request.prompt == {"login", "consent"}
    assert request.max_age == 0
    assert request.wants_new_sign_in
    assert request.ui_locales == ("cy", "en-GB")
    assert request.acr_values == ("b", "a")
    assert request.code_challenge == CODE_CHALLENGE
    assert request.return_address.state == "the-state"


def test_a_request_is_read_back_from_its_seal_as_it_was() -> None:
    request = accepted(
        request_parameters(
            prompt="none", max_age="60", claims='{"id_token": {"acr": {"values": ["a"]}}}', acr_values="x"
        )
    )
    again = AuthorizationRequest.from_json(json.loads(json.dumps(request.to_json())))
    assert again == request
    assert again.digest() == request.digest()
    assert request.digest() != accepted(request_parameters()).digest()


def test_a_au_04_a_digest_gives_no_login_hint_away_to_those_who_guess() -> None:
    hinted = accepted(request_parameters(login_hint="ann@people.example"))
    assert hinted.login_hint == "ann@people.example"
    assert hinted.digest() == accepted(request_parameters()).digest()


def test_something_else_is_not_read_back_as_a_request() -> None:
    with pytest.raises(ValueError, match="expected"):
        AuthorizationRequest.from_json({"client_id": 1})


def test_ensure_request_without_nonce_succeeds_for_code_flow() -> None:
    assert accepted(request_parameters(nonce=None)).nonce is None


def test_ensure_request_with_unknown_parameter_succeeds() -> None:
    assert accepted(request_parameters(extra="foobar")) == accepted(request_parameters())


def test_a_state_of_128_and_a_nonce_of_384_characters_are_kept() -> None:
    request = accepted(request_parameters(state="s" * 128, nonce="n" * 384))
    assert request.state == "s" * 128
    assert request.nonce == "n" * 384


NEAR_MATCHES = [
    REDIRECT_URI + "/extra",
    REDIRECT_URI + "&more=1",
    REDIRECT_URI.replace("?from=hub", ""),
    REDIRECT_URI + "#",
    REDIRECT_URI.replace("/callback", "/callback/..;/"),
    REDIRECT_URI.replace("/callback", "%2Fcallback"),
    REDIRECT_URI.replace("https://", "https://user@"),
    REDIRECT_URI.replace("https://", "https://evil.example@"),
    REDIRECT_URI.replace("https://", "https://a@b@"),
    REDIRECT_URI.replace("/callback", "\\callback"),
    REDIRECT_URI.replace("rivers", "rïvers"),
    REDIRECT_URI.replace("rivers", "RIVERS"),
    REDIRECT_URI.upper(),
    REDIRECT_URI.replace(".example", ".example:443"),
    REDIRECT_URI.replace("https", "http"),
    " " + REDIRECT_URI,
    "//evil.example",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("redirect_uri", NEAR_MATCHES)
def test_a_az_01_a_near_match_of_a_redirect_uri_never_redirects(redirect_uri: str) -> None:
    error = refusal(request_parameters(redirect_uri=redirect_uri))
    assert isinstance(error, errors.UnregisteredRedirectUriError)


@pytest.mark.parametrize(
    "fault",
    [
        {"response_type": "token"},
        {"scope": "nonsense"},
        {"prompt": "none login"},
        {"response_type": None},
        {"code_challenge": None},
        {"request": "x"},
        {"claims": "x"},
    ],
)
def test_a_az_02_another_fault_does_not_make_a_wrong_redirect_uri_a_target(
    fault: dict[str, str | None],
) -> None:
    error = refusal(request_parameters(redirect_uri="https://evil.example/", **fault))
    assert isinstance(error, UnsafeToRedirectError)


@pytest.mark.parametrize("missing", ["client_id", "redirect_uri"])
def test_without_client_or_redirect_uri_there_is_only_a_page(missing: str) -> None:
    assert isinstance(refusal(request_parameters(**{missing: None})), UnsafeToRedirectError)


def test_another_services_redirect_uri_is_not_ones_own() -> None:
    other = a_service(id="library-card", redirect_uris=("https://libraries.example/callback",))
    parameters = request_parameters(redirect_uri="https://libraries.example/callback")
    with pytest.raises(errors.UnregisteredRedirectUriError):
        validate_authorization_request(parameters, a_federation(a_service(), other))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_az_05_a_repeated_client_or_redirect_uri_never_redirects(name: str) -> None:
    once = urlencode({"client_id": "fishing-licence", "redirect_uri": REDIRECT_URI}).encode()
    again = urlencode({name: {"client_id": "fishing-licence", "redirect_uri": REDIRECT_URI}[name]}).encode()
    for parameters in (
        parse_parameters(once + b"&" + again, None, None),
        parse_parameters(once, again, "application/x-www-form-urlencoded"),
    ):
        assert isinstance(refusal(parameters), UnsafeToRedirectError)


@pytest.mark.parametrize("name", ["state", "claims", "scope", "nonce", "foo"])
def test_a_az_05_another_repeated_parameter_is_told_to_the_client(name: str) -> None:
    valid = {
        "client_id": "fishing-licence",
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": "openid",
        "state": "s",
        "code_challenge": CODE_CHALLENGE,
        "code_challenge_method": "S256",
    }
    query = urlencode(valid).encode() + f"&{name}=1&{name}=1".encode()
    error = refusal(parse_parameters(query, None, None))
    assert isinstance(error, request_errors.RepeatedParameterError)
    assert error.error == "invalid_request"
    assert error.return_address is not None
    assert error.return_address.state == (None if name == "state" else "s")
    assert ("foo" in error.description) is False


@pytest.mark.parametrize(
    ("differences", "cause", "code"),
    [
        ({"request": "x"}, request_errors.RequestObjectNotSupportedError, "request_not_supported"),
        ({"request_uri": "x"}, request_errors.RequestUriNotSupportedError, "request_uri_not_supported"),
        ({"registration": "{}"}, request_errors.RegistrationNotSupportedError, "registration_not_supported"),
        ({"response_type": None}, request_errors.MissingResponseTypeError, "invalid_request"),
        ({"response_mode": "fragment"}, request_errors.UnsupportedResponseModeError, "invalid_request"),
        ({"response_mode": "web_message"}, request_errors.UnsupportedResponseModeError, "invalid_request"),
        ({"scope": None}, request_errors.MissingOpenIdScopeError, "invalid_scope"),
        ({"scope": "attributes"}, request_errors.MissingOpenIdScopeError, "invalid_scope"),
        ({"prompt": "create"}, request_errors.UnknownPromptError, "invalid_request"),
        ({"prompt": "none login"}, request_errors.ContradictoryPromptError, "invalid_request"),
        ({"max_age": "-1"}, request_errors.MalformedMaxAgeError, "invalid_request"),
        ({"max_age": "1.5"}, request_errors.MalformedMaxAgeError, "invalid_request"),
        ({"max_age": "٣"}, request_errors.MalformedMaxAgeError, "invalid_request"),
        ({"max_age": "9" * 30}, request_errors.MalformedMaxAgeError, "invalid_request"),
        ({"claims": "{"}, request_errors.MalformedClaimsError, "invalid_request"),
        ({"nonce": "n" * 513}, request_errors.MalformedNonceError, "invalid_request"),
        ({"state": "s" * 2049}, request_errors.MalformedStateError, "invalid_request"),
        ({"state": "s" * 9000}, request_errors.UnacceptableParameterError, "invalid_request"),
        ({"login_hint": "a\0b"}, request_errors.UnacceptableParameterError, "invalid_request"),
    ],
)
def test_each_fault_is_told_to_the_client_by_its_own_error(
    differences: dict[str, str | None], cause: type[RedirectableError], code: str
) -> None:
    error = refusal(request_parameters(**differences))
    assert type(error) is cause
    assert error.error == code
    assert error.return_address is not None
    assert error.return_address.redirect_uri == REDIRECT_URI
    assert error.return_address.state == (None if "state" in differences else "the-state")


@pytest.mark.parametrize(
    ("challenge", "method", "cause"),
    [
        (None, None, request_errors.MissingCodeChallengeError),
        (None, "S256", request_errors.MalformedCodeChallengeError),
        (CODE_CHALLENGE, "plain", request_errors.WeakCodeChallengeError),
        (CODE_CHALLENGE, None, request_errors.WeakCodeChallengeError),
        (CODE_CHALLENGE, "s256", request_errors.WeakCodeChallengeError),
        (CODE_CHALLENGE[:-1], "S256", request_errors.MalformedCodeChallengeError),
        (CODE_CHALLENGE + "=", "S256", request_errors.MalformedCodeChallengeError),
        ("+" * 43, "S256", request_errors.MalformedCodeChallengeError),
    ],
)
def test_a_az_03_only_a_well_formed_s256_challenge_will_do(
    challenge: str | None, method: str | None, cause: type[OpenIdError]
) -> None:
    error = refusal(request_parameters(code_challenge=challenge, code_challenge_method=method))
    assert type(error) is cause
    assert error.error == "invalid_request"


def test_where_pkce_is_optional_it_may_be_left_out_but_not_weakened() -> None:
    federation = a_federation(a_service(pkce="optional"))
    without = request_parameters(code_challenge=None, code_challenge_method=None)
    assert validate_authorization_request(without, federation)[1].code_challenge is None
    with pytest.raises(request_errors.WeakCodeChallengeError):
        validate_authorization_request(request_parameters(code_challenge_method="plain"), federation)
    with pytest.raises(request_errors.MalformedCodeChallengeError):
        validate_authorization_request(request_parameters(code_challenge=None), federation)


@pytest.mark.parametrize(
    "response_type", ["token", "id_token", "code id_token", "none", "CODE", "code token"]
)
def test_a_az_04_implicit_and_hybrid_flows_are_unsupported(response_type: str) -> None:
    error = refusal(request_parameters(response_type=response_type))
    assert error.error == "unsupported_response_type"


@pytest.mark.parametrize(
    "scope", ["openid email", "openid phone", "openid offline_access", "openid admin", 'openid "']
)
def test_a_az_08_an_unregistered_scope_is_refused(scope: str) -> None:
    error = refusal(request_parameters(scope=scope))
    assert error.error == "invalid_scope"


def test_a_scope_is_registered_with_the_first_attribute_that_it_stands_for() -> None:
    federation = a_federation(a_service(attributes=some_attributes("email"), refresh_tokens=True))
    parameters = request_parameters(scope="email openid offline_access")
    assert validate_authorization_request(parameters, federation)[1].scope == ("email", "openid")
    with pytest.raises(request_errors.UnregisteredScopeError):
        validate_authorization_request(request_parameters(scope="openid profile"), federation)


@pytest.mark.parametrize(
    "differences",
    [
        {"profile": "fapi2-security"}, {"sender_constrained": "dpop"}, {"authorization_response": "jarm"},
        {"request_object": {"required": True}}, {"userinfo": {"signed": "ES256"}},
        {"id_token": {"encrypted": {"alg": "ECDH-ES", "enc": "A256GCM"}}},
    ],
)  # fmt: skip
def test_a_service_is_never_served_with_less_than_it_registered(differences: dict[str, object]) -> None:
    with pytest.raises(request_errors.UnservedRegistrationError):
        validate_authorization_request(request_parameters(), a_federation(a_service(**differences)))


@pytest.mark.parametrize(
    ("direct_hint", "hint", "kept"),
    [
        (True, "northgate", "northgate"),
        (False, "northgate", None),
        (True, "nobody", None),
        (True, "denied", None),
    ],
)
def test_a_provider_hint_counts_only_where_registered(
    *, direct_hint: bool, hint: str, kept: str | None
) -> None:
    federation = a_federation(
        a_service(direct_hint=direct_hint, providers={"deny": ("denied",)}),
        a_provider(),
        a_provider(id="denied"),
    )
    request = validate_authorization_request(request_parameters(provider_hint=hint), federation)[1]
    assert request.provider_hint == kept


NAMES = st.sampled_from(sorted(KNOWN)) | st.text(max_size=5)
PAIRS = st.lists(
    st.tuples(NAMES, st.text(max_size=30) | st.sampled_from(["none", "code", "openid"])), max_size=12
)


@given(PAIRS)
def test_no_request_with_an_unregistered_redirect_uri_is_ever_answered_by_redirect(
    pairs: list[tuple[str, str]],
) -> None:
    query = urlencode([("client_id", "fishing-licence"), *((n, v) for n, v in pairs if v != REDIRECT_URI)])
    error = refusal(parse_parameters(query.encode("utf-8", "surrogatepass"), None, None))
    assert isinstance(error, UnsafeToRedirectError)


@given(PAIRS)
def test_a_request_with_a_registered_redirect_uri_is_accepted_or_refused_by_a_declared_error(
    pairs: list[tuple[str, str]],
) -> None:
    query = urlencode([("client_id", "fishing-licence"), ("redirect_uri", REDIRECT_URI), *pairs])
    parameters = parse_parameters(query.encode("utf-8", "surrogatepass"), None, None)
    refused: OpenIdError | None = None
    try:
        assert accepted(parameters).redirect_uri == REDIRECT_URI
    except OpenIdError as error:
        refused = error
    if isinstance(refused, RedirectableError):
        assert refused.return_address is not None
        assert refused.return_address.redirect_uri == REDIRECT_URI
    elif refused is not None:
        assert isinstance(refused, UnsafeToRedirectError)
        assert {"client_id", "redirect_uri"} & {name for name, _ in pairs}
