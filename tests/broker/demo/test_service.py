"""A demonstration service: who gets signed in, and what it asks of the hub."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
import responses

from broker.demo.catalogue import FISHING_LICENCE
from broker.demo.service import create_service
from tests.broker.demo.simulated_hub import CLIENT_ID, ISSUER, MEDIUM, OWN_URL, SUBJECT
from tests.broker.demo.visit import Visit, error_of, received


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
