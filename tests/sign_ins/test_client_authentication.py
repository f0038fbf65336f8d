"""Services prove who they are by their one registered method, with their own key, to this hub alone (A-CA)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.citizen import Citizen
from tests.relying_service import ASSERTION_TYPE, Asked, RelyingService, basic, call
from tests.running_hub import RunningHub


@pytest.fixture
def a_code(hub: RunningHub, citizen: Citizen, fishing: RelyingService) -> tuple[Asked, str]:
    asked = fishing.ask()
    return asked, fishing.code(hub.issuer, asked, citizen.go_through(asked))


def test_a_ca_01_the_audience_is_the_issuer_as_one_string(
    hub: RunningHub, fishing: RelyingService, a_code: tuple[Asked, str]
) -> None:
    asked, code = a_code
    for audience in (
        f"{hub.issuer}/token",
        [hub.issuer],
        [hub.issuer, "https://other.example"],
        f"{hub.issuer}/",
        hub.issuer.upper(),
        "https://other.example",
        None,
    ):
        answer = fishing.redeem(
            hub.issuer, asked, code, client_assertion=fishing.assertion(audience=audience)
        )
        assert (answer.status, answer.body["error"]) == (401, "invalid_client"), audience

    assert fishing.redeem(hub.issuer, asked, code).status == 200


def test_a_ca_02_keys_and_ids_in_the_header_bring_nothing(
    hub: RunningHub, fishing: RelyingService, a_code: tuple[Asked, str]
) -> None:
    asked, code = a_code
    foreign = ec.generate_private_key(ec.SECP256R1())
    jwk = RelyingService(id=fishing.id, key=foreign).entry()["client_authentication"]["jwks"]["keys"][0]
    for header in (
        {"jwk": jwk},
        {"jku": f"{hub.providers['northgate']}/jwks"},
        {"x5u": "https://evil.example/cert.pem"},
        {"x5c": ["MIIB"]},
        {"kid": "../../../../dev/null"},
        {"kid": "' OR '1'='1"},
        {"kid": "k" * 5000},
    ):
        forged = fishing.assertion(audience=hub.issuer, header=header, key=foreign)
        answer = fishing.redeem(hub.issuer, asked, code, client_assertion=forged)
        assert (answer.status, answer.body["error"]) == (401, "invalid_client"), header

    # With the registered key, embedded ones are ignored, not obeyed.
    honest = fishing.assertion(audience=hub.issuer, header={"jwk": jwk, "jku": "https://evil.example/jwks"})
    assert fishing.redeem(hub.issuer, asked, code, client_assertion=honest).status == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"jti": None},
        {"jti": "j" * 1000},
        {"iss": "library-card"},
        {"sub": "library-card"},
        {"iss": "nobody", "sub": "nobody"},
    ],
)
def test_an_assertion_that_is_wrong_in_one_way_is_invalid_client(
    hub: RunningHub, fishing: RelyingService, claims: dict[str, Any]
) -> None:
    forged = fishing.assertion(audience=hub.issuer, **claims)

    answer = fishing.redeem(hub.issuer, fishing.ask(), "x", client_assertion=forged)

    assert (answer.status, answer.body["error"]) == (401, "invalid_client")
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_assertion_works_once(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, a_code: tuple[Asked, str]
) -> None:
    asked, code = a_code
    assertion = fishing.assertion(audience=hub.issuer)
    assert fishing.redeem(hub.issuer, asked, code, client_assertion=assertion).status == 200
    second = fishing.ask(prompt="none")
    code = citizen.visit(second).query["code"]

    replayed = fishing.redeem(hub.issuer, second, code, client_assertion=assertion)

    assert (replayed.status, replayed.body["error"]) == (401, "invalid_client")
    assert fishing.redeem(hub.issuer, second, code).status == 200


def test_an_assertion_within_the_clock_skew_is_good(
    hub: RunningHub, fishing: RelyingService, a_code: tuple[Asked, str]
) -> None:
    asked, code = a_code
    ahead = int(time.time()) + 5

    assertion = fishing.assertion(audience=hub.issuer, iat=ahead, nbf=ahead)

    assert fishing.redeem(hub.issuer, asked, code, client_assertion=assertion).status == 200


def test_a_ca_03_two_methods_at_once_are_invalid_client(
    hub: RunningHub, library: RelyingService, fishing: RelyingService
) -> None:
    form = {
        "grant_type": "authorization_code",
        "code": "x",
        "client_id": library.id,
        "client_secret": library.secret,
    }
    both = call(
        "POST",
        f"{hub.issuer}/token",
        form=form,
        headers={"Authorization": basic(library.id, library.secret)},
    )

    assert (both.status, both.body["error"]) == (401, "invalid_client")
    assert both.headers["WWW-Authenticate"].startswith("Basic")


def test_a_ca_03_a_method_that_is_not_the_registered_one_is_invalid_client(
    hub: RunningHub, library: RelyingService, archive: RelyingService, fishing: RelyingService
) -> None:
    grant = {"grant_type": "authorization_code", "code": "x"}
    posted_instead_of_basic = {**grant, "client_id": library.id, "client_secret": library.secret}
    nothing_but_an_id = {**grant, "client_id": fishing.id}
    empty_secret = {**grant, "client_id": archive.id, "client_secret": ""}
    someone_elses = {**grant, "client_id": archive.id, "client_secret": library.secret}
    foreign_assertion = {
        **grant,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": RelyingService(id=library.id).assertion(audience=hub.issuer),
    }
    for form in (
        posted_instead_of_basic,
        nothing_but_an_id,
        empty_secret,
        someone_elses,
        foreign_assertion,
        grant,
    ):
        answer = call("POST", f"{hub.issuer}/token", form=form)
        assert (answer.status, answer.body["error"]) == (401, "invalid_client"), form


def test_a_ca_03_a_secret_in_the_address_is_refused_and_no_secret_is_logged(
    hub: RunningHub, archive: RelyingService
) -> None:
    form = {"grant_type": "authorization_code", "code": "x"}
    url = f"{hub.issuer}/token?client_id={archive.id}&client_secret={archive.secret}"

    answer = call("POST", url, form=form)

    assert (answer.status, answer.body["error"]) == (401, "invalid_client")
    assert archive.secret not in hub.log


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Bearer x", "Basic " + "A" * 9000]
)
def test_malformed_basic_credentials_are_invalid_client(hub: RunningHub, header: str) -> None:
    answer = call(
        "POST",
        f"{hub.issuer}/token",
        form={"grant_type": "authorization_code", "code": "x"},
        headers={"Authorization": header},
    )

    assert (answer.status, answer.body["error"]) == (401, "invalid_client")


def test_basic_credentials_are_form_decoded(
    hub: RunningHub, citizen: Citizen, library: RelyingService
) -> None:
    asked = library.ask()
    code = library.code(hub.issuer, asked, citizen.go_through(asked))
    encoded = basic(library.id, library.secret).removeprefix("Basic ")

    answer = call(
        "POST",
        f"{hub.issuer}/token",
        form={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": library.redirect_uri,
            "code_verifier": asked.verifier,
        },
        headers={"Authorization": f"basic {encoded}"},
    )

    assert answer.status == 200
