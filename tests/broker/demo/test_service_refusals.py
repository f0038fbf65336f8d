"""A demonstration service when something is wrong: nobody is signed in, and the page says why."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from broker.demo.levels import LEVEL_PREFIX
from tests.broker.demo.simulated_hub import ISSUER, JOURNEY, SUBJECT
from tests.broker.demo.visit import Visit, error_of, received


@pytest.mark.parametrize("iss", ["", "http://localhost:8401"])
def test_an_answer_that_does_not_name_our_hub_is_refused(visit: Visit, iss: str) -> None:
    assert error_of(visit.sign_in(iss=iss)) == ("issuer_mismatch", "")
    assert visit.hub.assertions == []


def test_a_refusal_is_told_with_its_journey_and_stays_until_the_next_start(visit: Visit) -> None:
    refusal = {
        "code": "",
        "error": "access_denied",
        "error_description": "The person <did not agree>.",
        "error_uri": f"{ISSUER}/outcomes/refused_by_citizen?journey={JOURNEY}",
    }
    page = visit.sign_in(**refusal)
    assert error_of(page) == ("access_denied", JOURNEY)
    assert 'data-outcome="refused_by_citizen"' in page.text
    assert "The person &lt;did not agree&gt;." in page.text
    assert f'href="{html.escape(refusal["error_uri"])}"' in page.text
    assert error_of(visit.browser.get("/")) == ("access_denied", JOURNEY)
    assert 'id="error"' not in visit.sign_in().text


@pytest.mark.parametrize(
    "error_uri",
    [
        "http://evil.example/outcomes/x?journey=7Q2K-M4XB-09ZT",
        f"{ISSUER}.evil.example/outcomes/x",
        "javascript:1",
    ],
)
def test_an_error_uri_that_leads_elsewhere_is_not_shown(visit: Visit, error_uri: str) -> None:
    page = visit.sign_in(code="", error="access_denied", error_uri=error_uri)
    assert error_of(page) == ("access_denied", "")
    assert html.escape(error_uri) not in page.text


def test_a_reference_that_is_none_is_left_out(visit: Visit) -> None:
    error_uri = f"{ISSUER}/outcomes/expired?journey=%22onclick"
    assert error_of(visit.sign_in(code="", error="access_denied", error_uri=error_uri)) == (
        "access_denied",
        "",
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"code": ""}, "hub_answer_invalid", id="neither-code-nor-error"),
        pytest.param({"error": "Not An Error"}, "hub_answer_invalid", id="an-error-that-is-none"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(visit: Visit, changes: dict[str, str], code: str) -> None:
    assert error_of(visit.sign_in(**changes)) == (code, "")


def test_an_answer_with_a_parameter_twice_is_refused(visit: Visit) -> None:
    callback = visit.hub.authorize(visit.start())
    assert (
        error_of(visit.browser.get(f"{callback}&code=another", follow_redirects=True))[0]
        == "hub_answer_invalid"
    )
    assert visit.hub.assertions == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"aud": "library-card"}, "id_token_audience", id="audience"),
        pytest.param({"iss": "http://localhost:8401"}, "id_token_issuer", id="issuer"),
        pytest.param({"nonce": "another"}, "id_token_nonce", id="nonce"),
        pytest.param({"exp": 1}, "id_token_expired", id="expired"),
        pytest.param({"acr": f"{LEVEL_PREFIX}low.medium"}, "level_too_low", id="level"),
        pytest.param({"sub": "another"}, "subject_mismatch", id="attributes-of-another-subject"),
    ],
)
def test_nobody_is_signed_in_with_an_id_token_that_is_not_good(
    visit: Visit, changes: dict[str, Any], code: str
) -> None:
    visit.hub.change_claims = lambda claims: claims.update(changes)
    assert error_of(visit.sign_in()) == (code, "")


def test_asking_for_less_by_hand_does_not_make_the_service_accept_less(visit: Visit) -> None:
    low = f"{LEVEL_PREFIX}low.medium"
    visit.hub.change_claims = lambda claims: claims.update(acr=low)
    assert error_of(visit.sign_in(f"?acr_values={low}")) == ("level_too_low", "")


def test_a_sign_in_older_than_max_age_is_refused(visit: Visit) -> None:
    hour_ago = int((datetime.now(UTC) - timedelta(hours=1)).timestamp())
    visit.hub.change_claims = lambda claims: claims.update(auth_time=hour_ago)
    assert error_of(visit.sign_in("?max_age=60")) == ("id_token_too_old", "")
    assert received(visit.sign_in("?max_age=7200"))["sub"] == SUBJECT


def test_an_id_token_signed_with_another_algorithm_is_refused(visit: Visit) -> None:
    visit.hub.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert error_of(visit.sign_in()) == ("id_token_algorithm", "")


def test_a_new_key_of_the_hub_is_found(visit: Visit) -> None:
    visit.sign_in()
    visit.hub.key, visit.hub.kid = ec.generate_private_key(ec.SECP256R1()), "next-key"
    assert received(visit.sign_in())["sub"] == SUBJECT


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param((400, {"error": "invalid_grant"}), "invalid_grant", id="refused"),
        pytest.param((401, {"error": "invalid_client"}), "invalid_client", id="not-our-key"),
        pytest.param(
            (200, {"access_token": "x", "token_type": "Bearer"}), "hub_answer_invalid", id="no-id-token"
        ),
        pytest.param((400, {"error": ["odd"]}), "hub_answer_invalid", id="an-error-that-is-no-text"),
        pytest.param((503, {}), "hub_unreachable", id="out-of-order"),
    ],
)
def test_a_token_response_without_tokens_is_told(
    visit: Visit, answer: tuple[int, dict[str, Any]], code: str
) -> None:
    visit.hub.token_error = answer
    assert error_of(visit.sign_in()) == (code, "")


def test_a_hub_that_does_not_answer_is_told_and_asked_again_at_the_next_start(visit: Visit) -> None:
    discovery = f"{ISSUER}/.well-known/openid-configuration"
    visit.network.remove("GET", discovery)
    visit.network.get(discovery, body=requests.ConnectionError("refused"))
    page = visit.browser.get("/start")
    assert page.status_code == 502
    assert error_of(page) == ("hub_unreachable", "")
    visit.network.replace("GET", discovery, json=visit.hub.metadata)
    assert received(visit.sign_in())["sub"] == SUBJECT


@pytest.mark.parametrize("body", ["<html>", "[]", '"text"', "null", "{}"])
def test_a_discovery_document_that_is_none_is_told(visit: Visit, body: str) -> None:
    visit.network.replace("GET", f"{ISSUER}/.well-known/openid-configuration", body=body)
    assert error_of(visit.browser.get("/start"))[0] in {"hub_answer_invalid", "issuer_mismatch"}


def test_a_discovery_document_of_another_issuer_is_refused_until_it_is_right(visit: Visit) -> None:
    visit.hub.metadata["issuer"] = "http://localhost:8401"
    assert error_of(visit.browser.get("/start")) == ("issuer_mismatch", "")
    visit.hub.metadata["issuer"] = ISSUER
    assert received(visit.sign_in())["sub"] == SUBJECT


def test_attributes_that_the_hub_withholds_are_told(visit: Visit) -> None:
    visit.network.replace(
        "GET",
        f"{ISSUER}/userinfo",
        status=401,
        headers={"WWW-Authenticate": 'Bearer error="invalid_token", error_description="withdrawn"'},
    )
    assert error_of(visit.sign_in()) == ("invalid_token", "")


def test_every_page_forbids_what_it_does_not_need(visit: Visit) -> None:
    for path in ("/", "/callback", "/jwks", "/static/service.css"):
        with visit.browser.get(path) as answer:
            headers = answer.headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_every_page_says_that_it_is_a_demonstration_and_has_one_heading(visit: Visit) -> None:
    for page in (visit.browser.get("/"), visit.browser.get("/callback"), visit.sign_in()):
        assert "Demonstration." in page.text
        assert page.text.count("<h1>") == 1
        assert '<html lang="en">' in page.text
        assert "<script" not in page.text
