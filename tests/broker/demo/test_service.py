"""A demonstration service against a simulated hub: who gets signed in, and what is said when nobody does."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import requests
import responses
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broker.demo.catalogue import FISHING_LICENCE
from broker.demo.levels import LEVEL_PREFIX
from broker.demo.service import create_service
from tests.broker.demo.simulated_hub import CLIENT_ID, ISSUER, JOURNEY, MEDIUM, OWN_URL, SUBJECT, SimulatedHub


@dataclass
class Visit:
    """One browser at the service, and the hub behind it."""

    browser: FlaskClient
    hub: SimulatedHub
    network: responses.RequestsMock

    def start(self, query: str = "") -> str:
        answer = self.browser.get(f"/start{query}")
        assert answer.status_code == 303, answer.text
        self.hub.now = int(datetime.now(UTC).timestamp())
        return answer.headers["Location"]

    def sign_in(self, query: str = "", **changes: str) -> TestResponse:
        callback = self.hub.authorize(self.start(query), **changes)
        return self.browser.get(callback, follow_redirects=True)


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Visit]:
    service = create_service(
        client_id=CLIENT_ID,
        issuer=ISSUER,
        own_url=OWN_URL,
        name=FISHING_LICENCE.name,
        acr_values=FISHING_LICENCE.acr_values,
        state_dir=tmp_path,
    )
    with responses.RequestsMock(assert_all_requests_are_fired=False) as network:

        def jwks() -> dict[str, Any]:
            return cast("dict[str, Any]", service.test_client().get("/jwks").json)

        yield Visit(browser=service.test_client(), hub=SimulatedHub(network, jwks), network=network)


def error_of(page: TestResponse) -> tuple[str, str]:
    """Give `data-error` and `data-journey`; nobody may be signed in beside them."""
    assert 'id="received"' not in page.text
    found = re.search(r'id="error"[^>]* data-error="([^"]*)"[^>]* data-journey="([^"]*)"', page.text)
    assert found, page.text
    return found[1], found[2]


def received(page: TestResponse) -> dict[str, Any]:
    listed = re.search(r'<dl id="received">(.*?)</dl>', page.text, re.DOTALL)
    assert listed, page.text
    return {
        html.unescape(name): json.loads(html.unescape(value))
        for name, value in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", listed[1])
    }


def test_before_signing_in_there_is_one_way_to_start(visit: Visit) -> None:
    page = visit.browser.get("/")
    assert len(re.findall(r'<a id="start"', page.text)) == 1
    assert 'id="sign-out"' not in page.text
    assert "Set-Cookie" not in page.headers


def test_after_signing_in_the_page_shows_what_came(visit: Visit) -> None:
    page = visit.sign_in()
    assert received(page) == visit.hub.attributes
    shown = re.search(r'<pre id="id-token"[^>]*>(.*?)</pre>', page.text, re.DOTALL)
    assert shown
    assert json.loads(html.unescape(shown[1])) == visit.hub.claims()
    assert '<a id="sign-out"' in page.text


@pytest.mark.parametrize(("over_18", "said"), [(True, "can now be renewed"), (False, "junior licence")])
def test_the_service_decides_on_what_it_received(visit: Visit, over_18: bool, said: str) -> None:  # noqa: FBT001
    visit.hub.attributes["age_over_18"] = over_18
    assert said in visit.sign_in().text


def test_the_request_to_the_hub_is_bound_by_state_nonce_and_pkce(visit: Visit) -> None:
    visit.sign_in()
    first = visit.hub.requested
    assert first["code_challenge_method"] == "S256"
    assert first["response_type"] == "code"
    assert first["client_id"] == CLIENT_ID
    assert first["redirect_uri"] == f"{OWN_URL}/callback"
    assert first["scope"] == "openid attributes"
    assert first["acr_values"] == MEDIUM
    visit.sign_in()
    for name in ("state", "nonce", "code_challenge"):
        assert visit.hub.requested[name] != first[name]


def test_each_client_assertion_is_for_the_issuer_alone_short_lived_and_new(visit: Visit) -> None:
    visit.sign_in()
    visit.sign_in()
    first, second = visit.hub.assertions
    assert first["aud"] == ISSUER
    assert first["sub"] == CLIENT_ID
    assert first["exp"] - first["iat"] <= 60
    assert first["jti"] != second["jti"]


def test_start_hands_on_what_its_query_asks_for_and_nothing_unknown(visit: Visit) -> None:
    visit.sign_in("?prompt=login&ui_locales=cy&acr_values=&provider_hint=northgate&unknown=1&state=mine")
    assert visit.hub.requested["prompt"] == "login"
    assert visit.hub.requested["ui_locales"] == "cy"
    assert visit.hub.requested["provider_hint"] == "northgate"
    assert visit.hub.requested["state"] != "mine"
    assert not {"acr_values", "unknown"} & visit.hub.requested.keys()


def test_signing_in_gives_the_session_a_new_name_and_signing_out_ends_it(visit: Visit) -> None:
    callback = visit.hub.authorize(visit.start())
    before = visit.browser.get_cookie(f"{CLIENT_ID}-session")
    visit.browser.get(callback)
    after = visit.browser.get_cookie(f"{CLIENT_ID}-session")
    assert before
    assert after
    assert before.value != after.value
    assert after.http_only
    assert after.same_site == "Lax"
    assert 'id="received"' not in visit.browser.get("/sign-out", follow_redirects=True).text
    visit.browser.set_cookie(f"{CLIENT_ID}-session", after.value)
    assert 'id="received"' not in visit.browser.get("/").text


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(tmp_path: Path) -> None:
    service = create_service(
        client_id=CLIENT_ID,
        issuer="https://hub.example",
        own_url="https://rivers.example",
        name=FISHING_LICENCE.name,
        acr_values=FISHING_LICENCE.acr_values,
        state_dir=tmp_path,
    )
    browser = service.test_client()
    with responses.RequestsMock() as network:
        metadata = {
            "issuer": "https://hub.example",
            "authorization_endpoint": "https://hub.example/authorize",
            "token_endpoint": "https://hub.example/token",
            "userinfo_endpoint": "https://hub.example/userinfo",
            "jwks_uri": "https://hub.example/jwks",
        }
        network.get("https://hub.example/.well-known/openid-configuration", json=metadata)
        cookie = browser.get("/start", base_url="https://rivers.example").headers["Set-Cookie"]
    assert cookie.startswith(f"__Host-{CLIENT_ID}-session=")
    assert "Secure" in cookie


def test_an_answer_to_a_sign_in_of_another_browser_is_refused(visit: Visit) -> None:
    callback = visit.hub.authorize(visit.start())
    elsewhere = visit.browser.application.test_client().get(callback)
    assert elsewhere.status_code == 400
    assert error_of(elsewhere) == ("state_mismatch", "")
    assert "Set-Cookie" not in elsewhere.headers


@pytest.mark.parametrize("changes", [{"state": "another"}, {"state": ""}])
def test_a_state_that_is_not_ours_is_refused_and_the_sign_in_can_still_be_finished(
    visit: Visit, changes: dict[str, str]
) -> None:
    location = visit.start()
    assert error_of(visit.browser.get(visit.hub.authorize(location, **changes))) == ("state_mismatch", "")
    assert received(visit.browser.get(visit.hub.authorize(location), follow_redirects=True))["sub"] == SUBJECT


def test_an_answer_counts_once(visit: Visit) -> None:
    callback = visit.hub.authorize(visit.start())
    visit.browser.get(callback)
    again = visit.browser.get(callback)
    assert again.status_code == 400
    assert 'data-error="state_mismatch"' in again.text
    assert received(visit.browser.get("/"))["sub"] == SUBJECT


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
