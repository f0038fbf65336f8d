from __future__ import annotations

import json
import time
from contextlib import suppress

import pytest
import requests

from tests.idp_adapters.certification.conftest import SLOW_SECONDS
from tests.idp_adapters.certification.relying_party import TIMEOUT, RelyingParty


def test_slow_drips_and_is_correct_in_the_end(party: RelyingParty) -> None:
    attempt = party.attempt()
    form = party.token_request(attempt, party.code(attempt, outcome="slow"))
    started = time.monotonic()
    with party.http.post(
        f"{party.issuer}/token", data=form, stream=True, timeout=SLOW_SECONDS - 0.5
    ) as response:
        assert time.monotonic() - started < SLOW_SECONDS - 1, (
            "headers come at once, so that only a total limit helps"
        )
        arrivals = [(time.monotonic() - started, chunk) for chunk in response.iter_content(None)]
    assert len(arrivals) > 2
    assert arrivals[-1][0] >= SLOW_SECONDS
    assert json.loads(b"".join(chunk for _, chunk in arrivals))["id_token"]


def test_server_error_is_a_500_that_is_not_json(party: RelyingParty) -> None:
    answer = party.sign_in(outcome="server-error").answer
    assert answer.status_code == 500
    assert not is_json(answer)


def test_garbage_is_a_web_page_with_status_200(party: RelyingParty) -> None:
    answer = party.sign_in(outcome="garbage").answer
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert not is_json(answer)


def test_truncated_is_the_first_half_of_a_correct_answer(party: RelyingParty) -> None:
    answer = party.sign_in(outcome="truncated").answer
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.text.startswith('{"access_token":')
    assert not is_json(answer)


def test_wrong_charset_is_utf_16_declared_as_utf_8(party: RelyingParty) -> None:
    answer = party.sign_in(outcome="wrong-charset").answer
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(answer.content.decode("utf-16"))["id_token"]
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode("utf-8")


def test_endless_is_far_more_than_a_client_should_read(party: RelyingParty) -> None:
    attempt = party.attempt()
    form = party.token_request(attempt, party.code(attempt, outcome="endless"))
    received = 0
    with party.http.post(f"{party.issuer}/token", data=form, stream=True, timeout=TIMEOUT) as response:
        for chunk in response.iter_content(1024 * 1024):
            received += len(chunk)
            if received > 8 * 1024 * 1024:
                break
    assert received > 8 * 1024 * 1024


def is_json(answer: requests.Response) -> bool:
    with suppress(ValueError):
        answer.json()
        return True
    return False
