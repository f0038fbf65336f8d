"""Client authentication: exactly one method, and the registered one."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.oidc.client_assertion import ASSERTION_TYPE
from broker.oidc.client_keys import ClientKeys, KeysUnavailableError
from broker.oidc.clients import AuthenticatedClient, ClientCall, authenticate_client, require_sound_parameters
from broker.oidc.errors import InvalidClientError, InvalidTokenRequestError
from broker.oidc.parameters import FORM, parse_parameters
from config.federation import RelyingService
from tests.broker.builders import ISSUER, NOW, a_federation, a_service
from tests.broker.oidc.signers import ALL_KEYS, assertion_claims, jwks_of, signed

SECRET = "pä ss:w+rd%&=/"


def with_secret(method: str, secret: str = SECRET) -> RelyingService:
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return a_service(client_authentication={"method": method, "secret_sha256": digest})


BASIC = with_secret("client_secret_basic")
POST = with_secret("client_secret_post")
KEYS = a_service(client_authentication={"method": "private_key_jwt", "jwks": jwks_of(*ALL_KEYS)})


def basic(client_id: str = "fishing-licence", secret: str = SECRET, scheme: str = "Basic") -> str:
    credentials = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"{scheme} {base64.b64encode(credentials.encode()).decode()}"


def no_fetch(url: str) -> bytes:
    raise KeysUnavailableError(url)


def authenticate(
    service: RelyingService,
    authorization: str | None = None,
    query: bytes = b"",
    body: dict[str, str] | None = None,
    **more: str,
) -> AuthenticatedClient:
    parameters = parse_parameters(query, urlencode((body or {}) | more).encode(), FORM)
    return authenticate_client(
        ClientCall(parameters=parameters, authorization=authorization),
        federation=a_federation(service),
        keys=ClientKeys(no_fetch),
        issuer=ISSUER,
        now=NOW,
    )


def refused(
    service: RelyingService,
    authorization: str | None = None,
    query: bytes = b"",
    body: dict[str, str] | None = None,
    **more: str,
) -> InvalidClientError:
    with pytest.raises(InvalidClientError) as raised:
        authenticate(service, authorization, query, body, **more)
    error = raised.value
    assert (error.error, error.status_code) == ("invalid_client", 401)
    assert ("WWW-Authenticate" in dict(error.get_headers())) is (authorization is not None)
    assert SECRET not in error.detail
    return error


def an_assertion() -> dict[str, str]:
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed(assertion_claims())}


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_basic_credentials_are_form_decoded(scheme: str) -> None:
    client = authenticate(BASIC, basic(scheme=scheme))
    assert client.service is BASIC
    assert client.jti_mark is None
    assert authenticate(BASIC, basic(), client_id="fishing-licence").service is BASIC


def test_a_secret_in_the_body_is_taken_where_registered() -> None:
    assert authenticate(POST, client_id="fishing-licence", client_secret=SECRET).service is POST


def test_an_assertion_is_taken_with_or_without_client_id() -> None:
    mark = authenticate(KEYS, body=an_assertion()).jti_mark
    assert mark is not None
    assert authenticate(KEYS, client_id="fishing-licence", body=an_assertion()).jti_mark == mark


def test_a_ca_03_two_methods_at_once_are_refused() -> None:
    refused(BASIC, basic(), client_id="fishing-licence", client_secret=SECRET)
    refused(KEYS, basic(), body=an_assertion())
    refused(KEYS, client_id="fishing-licence", client_secret=SECRET, body=an_assertion())
    refused(BASIC, basic(), client_assertion_type=ASSERTION_TYPE)


def test_a_ca_03_an_unregistered_method_is_refused() -> None:
    refused(POST, basic())
    refused(BASIC, client_id="fishing-licence", client_secret=SECRET)
    refused(KEYS, basic())
    refused(BASIC, body=an_assertion())
    mutual_tls = a_service(client_authentication={"method": "tls_client_auth", "san_dns": "rivers.example"})
    refused(mutual_tls, basic())
    refused(mutual_tls, client_id="fishing-licence")


@pytest.mark.parametrize("name", ["client_secret", "client_assertion"])
def test_a_ca_03_a_secret_in_the_address_is_refused(name: str) -> None:
    refused(POST, query=urlencode({name: SECRET}).encode(), client_id="fishing-licence")
    refused(BASIC, basic(), query=f"{name}=".encode())


def test_a_ca_03_an_empty_secret_is_refused_even_where_it_is_the_registered_one() -> None:
    refused(with_secret("client_secret_basic", ""), basic(secret=""))
    refused(with_secret("client_secret_post", ""), client_id="fishing-licence", client_secret="")


def test_a_public_client_is_nobody() -> None:
    refused(BASIC, client_id="fishing-licence")
    refused(KEYS, client_id="fishing-licence")


@pytest.mark.parametrize(
    "secret", ["wrong", SECRET + " ", SECRET[:-1], hashlib.sha256(SECRET.encode()).hexdigest()]
)
def test_a_wrong_secret_is_refused(secret: str) -> None:
    refused(BASIC, basic(secret=secret))
    refused(POST, client_id="fishing-licence", client_secret=secret)


def test_an_unknown_client_gets_the_same_answer() -> None:
    unknown, wrong = refused(BASIC, basic(client_id="nobody")), refused(BASIC, basic(secret="wrong"))
    assert unknown.get_body() == wrong.get_body()


def test_a_client_cannot_speak_for_another() -> None:
    refused(BASIC, basic(), client_id="library-card")
    refused(KEYS, client_id="library-card", body=an_assertion())


@pytest.mark.parametrize(
    "authorization",
    ["Basic", "Basic ", "Basic !!!", "Basic YQ==", "Basic /w==", "Bearer abc", "", "Basic YTpi=", "Basic é"],
)
def test_credentials_that_cannot_be_read_are_refused(authorization: str) -> None:
    refused(BASIC, authorization)


def test_another_type_of_assertion_is_refused() -> None:
    refused(
        KEYS,
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        client_assertion="x",
    )
    refused(KEYS, client_assertion=signed(assertion_claims()))
    refused(KEYS, client_assertion_type=ASSERTION_TYPE)


def test_a_az_05_a_repeated_parameter_of_a_direct_call_is_refused() -> None:
    with pytest.raises(InvalidTokenRequestError) as raised:
        require_sound_parameters(parse_parameters(b"", b"code=a&code=b", FORM))
    assert raised.value.error == "invalid_request"
    require_sound_parameters(parse_parameters(b"", b"code=a", FORM))


@given(
    st.text(max_size=40) | st.binary(max_size=40).map(lambda raw: "Basic " + base64.b64encode(raw).decode())
)
def test_any_authorization_header_is_refused_with_our_own_error(authorization: str) -> None:
    refused(BASIC, authorization)
