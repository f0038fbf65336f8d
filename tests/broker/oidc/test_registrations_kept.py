"""What a service is registered for and the hub cannot do yet ends at the authorization endpoint, not after consent."""

from __future__ import annotations

import pytest

from broker.oidc import request_errors
from broker.oidc.request_checks import (
    CLIENT_AUTHENTICATION_METHODS,
    ID_TOKEN_ALGORITHMS,
    validate_authorization_request,
)
from config.federation import ClientAuthenticationMethod, SigningAlgorithm
from tests.broker.builders import a_federation, a_service, request_parameters
from tests.config.keys import a_public_key

SECRET: dict[str, object] = {"secret_sha256": "0" * 64}
REGISTRATIONS: dict[ClientAuthenticationMethod, dict[str, object]] = {
    ClientAuthenticationMethod.PRIVATE_KEY_JWT: {"jwks_uri": "https://rivers.example/jwks"},
    ClientAuthenticationMethod.CLIENT_SECRET_BASIC: SECRET,
    ClientAuthenticationMethod.CLIENT_SECRET_POST: SECRET,
    ClientAuthenticationMethod.TLS_CLIENT_AUTH: {"san_dns": "rivers.example"},
    ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH: {"jwks": {"keys": [a_public_key(x5c=["MA=="])]}},
}


def is_served(**differences: object) -> bool:
    try:
        validate_authorization_request(request_parameters(), a_federation(a_service(**differences)))
    except request_errors.UnservedRegistrationError:
        return False
    return True


@pytest.mark.parametrize("method", ClientAuthenticationMethod)
def test_only_who_can_authenticate_at_the_token_endpoint_is_let_in(
    method: ClientAuthenticationMethod,
) -> None:
    registered = {"method": method.value, **REGISTRATIONS[method]}
    assert is_served(client_authentication=registered) is (method in CLIENT_AUTHENTICATION_METHODS)


@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_nobody_agrees_to_an_id_token_that_no_key_can_sign(algorithm: SigningAlgorithm) -> None:
    assert is_served(id_token={"signed": algorithm.value}) is (algorithm in ID_TOKEN_ALGORITHMS)


def test_attributes_registered_to_go_out_once_do_not_go_out_often() -> None:
    assert is_served(one_time_attributes=False)
    assert not is_served(one_time_attributes=True)
