"""Client assertions: believed once, for us alone, from a registered key alone."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import Key, OctKey

from broker.oidc.client_assertion import CLOCK_SKEW, LONGEST_LIFE, VerifiedAssertion, verify_client_assertion
from broker.oidc.client_keys import ClientKeys, KeysUnavailableError
from broker.oidc.errors import InvalidClientError
from config.federation import RelyingService
from tests.broker.builders import ISSUER, NOW, a_federation, a_service
from tests.broker.oidc.signers import (
    ALL_KEYS,
    EC_KEY,
    ED_KEY,
    OTHER_EC_KEY,
    RSA_KEY,
    assertion_claims,
    jwks_of,
    signed,
)


def no_fetch(url: str) -> bytes:
    raise KeysUnavailableError(f"nothing may be fetched, least of all {url}")


def a_client(**differences: object) -> RelyingService:
    keys = {"method": "private_key_jwt", "jwks": jwks_of(*ALL_KEYS)}
    return a_service(**({"client_authentication": keys} | differences))


def verified(assertion: str, service: RelyingService | None = None) -> VerifiedAssertion:
    return verify_client_assertion(
        assertion,
        federation=a_federation(service or a_client()),
        keys=ClientKeys(no_fetch),
        issuer=ISSUER,
        now=NOW,
    )


def refused(assertion: str, service: RelyingService | None = None) -> str:
    with pytest.raises(InvalidClientError) as raised:
        verified(assertion, service)
    assert raised.value.description == "Client authentication failed"
    return raised.value.detail


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(EC_KEY, "ES256"), (RSA_KEY, "PS256"), (RSA_KEY, "RS256"), (ED_KEY, "EdDSA"), (ED_KEY, "Ed25519")],
    ids=["ES256", "PS256", "RS256", "EdDSA", "Ed25519"],
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_an_assertion_by_a_registered_key_is_believed(key: Key, algorithm: str) -> None:
    assertion = verified(signed(assertion_claims(), key, algorithm))
    assert assertion.service.id == "fishing-licence"
    assert len(assertion.jti_mark.mark) == 32
    assert assertion.jti_mark.expires_at == NOW + timedelta(seconds=60) + CLOCK_SKEW


def test_an_assertion_by_another_library_is_believed() -> None:
    token = jwt.encode(
        dict(assertion_claims()), EC_KEY.as_pem(private=True), "ES256", headers={"kid": "ec-1"}
    )
    assert verified(token).service.id == "fishing-licence"


def test_a_mark_is_the_same_for_one_value_and_different_for_services_and_values() -> None:
    other = a_client(id="library-card")
    first = verified(signed(assertion_claims())).jti_mark.mark
    assert verified(signed(assertion_claims(exp=int(NOW.timestamp()) + 5))).jti_mark.mark == first
    assert verified(signed(assertion_claims(jti="jti-2"))).jti_mark.mark != first
    claims = assertion_claims(iss="library-card", sub="library-card")
    assert verified(signed(claims), other).jti_mark.mark != first


@pytest.mark.parametrize(
    "audience",
    [
        [ISSUER],
        [ISSUER, "https://other.example"],
        f"{ISSUER}/token",
        f"{ISSUER}/",
        ISSUER.upper(),
        "https://other.example",
        "",
        None,
        {"a": ISSUER},
        1,
    ],
)
def test_a_ca_01_only_the_issuer_as_a_single_string_is_an_audience(audience: object) -> None:
    assert "aud" in refused(signed(assertion_claims(aud=audience)))


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": OTHER_EC_KEY.as_dict(private=False)},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MIIB" + "A" * 4000]},
    ],
    ids=["jwk", "jku", "x5u", "x5c"],
)
def test_a_ca_02_a_key_that_comes_along_is_ignored(header: dict[str, Any]) -> None:
    assert verified(signed(assertion_claims(), **header)).service.id == "fishing-licence"
    assert "signature" in refused(signed(assertion_claims(), OTHER_EC_KEY, **(header | {"kid": "ec-1"})))


@pytest.mark.parametrize(
    "kid",
    ["../../etc/passwd", "' OR 1=1 --", "k" * 7000, "", "ec-1\0", "http://169.254.169.254/", 5, ["ec-1"], {}],
)
def test_a_ca_02_an_odd_kid_finds_nothing_and_does_nothing(kid: object) -> None:
    segments = signed(assertion_claims()).split(".")
    header = json.dumps({"alg": "ES256", "kid": kid}).encode()
    segments[0] = base64.urlsafe_b64encode(header).rstrip(b"=").decode()
    refused(".".join(segments))


@pytest.mark.parametrize(
    "differences",
    [
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": -1},
        {"exp": 10**400},
        {"exp": float("nan")},
        {"sub": None},
        {"iss": None},
        {"iss": "other"},
        {"sub": 5, "iss": 5},
        {"sub": "nobody", "iss": "nobody"},
        {"jti": None},
        {"jti": ""},
        {"jti": "j" * 257},
        {"jti": 5},
        {"iat": "now"},
        {"nbf": []},
    ],
    ids=lambda it: str(it)[:40],
)
def test_a_claim_that_is_missing_or_wrong_is_refused(differences: dict[str, object]) -> None:
    refused(signed(assertion_claims(**differences)))


def moment(delta: timedelta) -> int:
    return int((NOW + delta).timestamp())


@pytest.mark.parametrize(
    ("differences", "accepted"),
    [
        ({"exp": moment(-CLOCK_SKEW)}, False),
        ({"exp": moment(-CLOCK_SKEW) + 1}, True),
        ({"exp": moment(timedelta(minutes=-5))}, False),
        ({"exp": moment(LONGEST_LIFE + CLOCK_SKEW)}, True),
        ({"exp": moment(LONGEST_LIFE + CLOCK_SKEW) + 1}, False),
        ({"nbf": moment(timedelta(seconds=8))}, True),
        ({"nbf": moment(CLOCK_SKEW)}, True),
        ({"nbf": moment(CLOCK_SKEW) + 1}, False),
        ({"nbf": moment(timedelta(seconds=60))}, False),
        ({"iat": moment(CLOCK_SKEW)}, True),
        ({"iat": moment(CLOCK_SKEW) + 1}, False),
        ({"iat": None}, True),
    ],
    ids=str,
)
def test_ten_seconds_of_skew_are_accepted_and_no_more(
    differences: dict[str, object], *, accepted: bool
) -> None:
    assertion = signed(assertion_claims(**differences))
    if accepted:
        verified(assertion)
    else:
        refused(assertion)


@pytest.mark.parametrize(
    "typ", ["JWT", "jwt", "client-authentication+jwt", "application/client-authentication+jwt", None]
)
def test_an_assertion_may_say_what_it_is(typ: str | None) -> None:
    verified(signed(assertion_claims(), typ=typ))


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], None, "b64", 5], ids=str)
def test_a_header_that_demands_more_is_refused(crit: object) -> None:
    segments = signed(assertion_claims()).split(".")
    header = json.dumps({"alg": "ES256", "kid": "ec-1", "crit": crit}).encode()
    segments[0] = base64.urlsafe_b64encode(header).rstrip(b"=").decode()
    assert "crit" in refused(".".join(segments))


@pytest.mark.parametrize(
    "typ", ["at+jwt", "dpop+jwt", "oauth-authz-req+jwt", "logout+jwt", "secevent+jwt", ""]
)
def test_another_kind_of_token_is_not_an_assertion(typ: str) -> None:
    assert "typ" in refused(signed(assertion_claims(), typ=typ))


def test_a_foreign_key_an_unsigned_and_a_symmetric_assertion_are_refused() -> None:
    refused(signed(assertion_claims(), OTHER_EC_KEY))
    public = json.dumps(EC_KEY.as_dict(private=False)).encode()
    refused(signed(assertion_claims(), OctKey.import_key(public), "HS256", kid="ec-1"))
    header = base64.urlsafe_b64encode(b'{"alg":"none","kid":"ec-1"}').rstrip(b"=").decode()
    refused(f"{header}.{signed(assertion_claims()).split('.')[1]}.")


def test_a_key_is_used_with_its_own_algorithms_only() -> None:
    refused(signed(assertion_claims(), RSA_KEY, "RS512"))
    only_ps256 = a_client(
        client_authentication={"method": "private_key_jwt", "jwks": jwks_of(RSA_KEY, alg="PS256")},
    )
    verified(signed(assertion_claims(), RSA_KEY, "PS256"), only_ps256)
    refused(signed(assertion_claims(), RSA_KEY, "RS256"), only_ps256)


def test_rs256_is_not_for_fapi_clients() -> None:
    service = a_client(profile="fapi2-security", sender_constrained="dpop")
    refused(signed(assertion_claims(), RSA_KEY, "RS256"), service)
    verified(signed(assertion_claims(), RSA_KEY, "PS256"), service)


def test_a_ca_03_a_service_with_another_method_cannot_use_an_assertion() -> None:
    assert "not registered for private_key_jwt" in refused(signed(assertion_claims()), a_service())


def test_without_a_kid_the_only_key_for_the_algorithm_is_meant() -> None:
    verified(signed(assertion_claims(), kid=None))
    two = a_client(
        client_authentication={"method": "private_key_jwt", "jwks": jwks_of(EC_KEY, OTHER_EC_KEY)},
    )
    refused(signed(assertion_claims(), kid=None), two)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "é",
        "e30.e30.",
        "e30.W10.AAAA",
        "W10.e30.AAAA",
        "IngI.e30.AAAA",
        "NQ.e30.A",
        "." * 1000,
    ],
)
def test_what_is_not_an_assertion_is_refused(text: str) -> None:
    refused(text)


@given(st.text(max_size=100) | st.tuples(st.binary(), st.binary(), st.binary()).map(
    lambda parts: ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
))  # fmt: skip
def test_any_text_is_refused_with_our_own_error(text: str) -> None:
    refused(text)


JSON_VALUE = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=5)
    | st.lists(st.text(max_size=3))
)
HEADERS = st.dictionaries(
    st.sampled_from(["alg", "typ", "kid", "crit", "jwk", "jku", "x5c", "b64"]), JSON_VALUE
)
CLAIMS = st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]), JSON_VALUE)


@given(HEADERS, CLAIMS)
def test_any_header_and_claims_are_refused_with_our_own_error(
    header: dict[str, object], claims: dict[str, object]
) -> None:
    segments = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "ES256", "kid": "ec-1"} | header, assertion_claims() | claims)
    ]
    refused(".".join([*segments, signed(assertion_claims()).split(".")[2]]))


def test_the_mark_outlives_the_window_that_accepts_the_assertion() -> None:
    mark = verified(signed(assertion_claims())).jti_mark
    last_moment = datetime.fromtimestamp(moment(timedelta(seconds=60)), UTC) + CLOCK_SKEW
    assert mark.expires_at >= last_moment
