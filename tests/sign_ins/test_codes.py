"""A code is good once, for the service, address and verifier that it was given for (A-AZ-03, A-TK-01, A-TK-02)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.citizen import Citizen
from tests.relying_service import Answer, Asked, RelyingService, call
from tests.running_hub import RunningHub


@pytest.fixture
def a_code(hub: RunningHub, citizen: Citizen, fishing: RelyingService) -> tuple[Asked, str]:
    asked = fishing.ask()
    return asked, fishing.code(hub.issuer, asked, citizen.go_through(asked))


def refused(answer: Answer) -> bool:
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.body) == {"error", "error_description"}
    return (answer.status, answer.body["error"]) == (400, "invalid_grant")


def test_a_tk_01_a_second_use_is_refused_and_takes_back_what_the_first_gave(
    hub: RunningHub, fishing: RelyingService, a_code: tuple[Asked, str]
) -> None:
    asked, code = a_code
    tokens = fishing.redeem(hub.issuer, asked, code).body
    assert call("GET", f"{hub.issuer}/userinfo", bearer=tokens["access_token"]).status == 200

    assert refused(fishing.redeem(hub.issuer, asked, code))

    stopped = call("GET", f"{hub.issuer}/userinfo", bearer=tokens["access_token"])
    assert stopped.status == 401
    assert 'error="invalid_token"' in stopped.headers["WWW-Authenticate"]


def test_twenty_redemptions_at_once_give_tokens_exactly_once(
    hub: RunningHub, fishing: RelyingService, a_code: tuple[Asked, str]
) -> None:
    asked, code = a_code

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: fishing.redeem(hub.issuer, asked, code), range(20)))

    assert sorted(answer.status for answer in answers) == [200] + [400] * 19
    winner = next(answer for answer in answers if answer.status == 200)
    assert call("GET", f"{hub.issuer}/userinfo", bearer=winner.body["access_token"]).status == 401


def test_a_tk_02_another_service_cannot_redeem_a_code_nor_spoil_it(
    hub: RunningHub, fishing: RelyingService, loner: RelyingService, a_code: tuple[Asked, str]
) -> None:
    asked, code = a_code

    assert refused(loner.redeem(hub.issuer, asked, code))

    assert fishing.redeem(hub.issuer, asked, code).status == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "wrong" * 12},
        {"code_verifier": None},
        {"code_verifier": "\u00fc" * 43},
        {"redirect_uri": "https://fishing-licence.example/other"},
        {"redirect_uri": None},
    ],
)
def test_a_az_03_a_failed_proof_burns_the_code(
    hub: RunningHub, fishing: RelyingService, a_code: tuple[Asked, str], wrong: dict[str, str | None]
) -> None:
    asked, code = a_code

    assert refused(fishing.redeem(hub.issuer, asked, code, **wrong))

    assert refused(fishing.redeem(hub.issuer, asked, code))


@pytest.mark.parametrize(
    "code", ["x", "A" * 22 + "." + "A" * 43, "\u00fc", "A" * 5000, "a.b.c", "' OR 1=1 --", "=" * 66]
)
def test_a_guessed_code_is_invalid_grant(hub: RunningHub, fishing: RelyingService, code: str) -> None:
    assert refused(fishing.redeem(hub.issuer, fishing.ask(), code))


def test_a_tk_02_a_code_with_a_changed_half_opens_nothing(
    hub: RunningHub, fishing: RelyingService, a_code: tuple[Asked, str], citizen: Citizen
) -> None:
    asked, code = a_code
    other = fishing.ask(prompt="none")
    other_code = citizen.visit(other).query["code"]

    mixed = f"{code.partition('.')[0]}.{other_code.partition('.')[2]}"

    assert refused(fishing.redeem(hub.issuer, asked, mixed))
    assert fishing.redeem(hub.issuer, other, other_code).status == 200


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
    ],
)
def test_a_az_04_other_grants_do_not_exist(
    hub: RunningHub, fishing: RelyingService, parameters: dict[str, str | None], error: str
) -> None:
    answer = fishing.redeem(hub.issuer, fishing.ask(), "x", **parameters)

    assert (answer.status, answer.body["error"]) == (400, error)


def test_a_redemption_without_a_code_is_invalid_request(hub: RunningHub, fishing: RelyingService) -> None:
    answer = fishing.redeem(hub.issuer, fishing.ask(), "")

    assert (answer.status, answer.body["error"]) == (400, "invalid_request")


def test_a_repeated_parameter_at_the_token_endpoint_is_invalid_request(
    hub: RunningHub, fishing: RelyingService, a_code: tuple[Asked, str]
) -> None:
    _, code = a_code
    url = f"{hub.issuer}/token?code={code}"

    answer = call("POST", url, form={"grant_type": "authorization_code", "code": code})

    assert (answer.status, answer.body["error"]) == (400, "invalid_request")


def test_every_refused_code_is_journalled_without_the_code(
    hub: RunningHub, fishing: RelyingService, a_code: tuple[Asked, str]
) -> None:
    asked, code = a_code
    fishing.redeem(hub.issuer, asked, code, code_verifier="wrong" * 12)

    entries = [entry for entry in hub.entries() if entry["kind"] == "token.code_refused"]

    assert entries[-1]["fields"]["reason"] == "code_verifier"
    assert entries[-1]["fields"]["revoked"] is True
    assert code not in str(entries)
