from __future__ import annotations

import json
import time
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from idp_adapters.certification.simulator import Outcome
from tests.idp_adapters.certification.relying_party import TIMEOUT, RelyingParty
from tests.idp_adapters.certification.stub_process import running_oidc_stub

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

NORTHGATE = "urn:example:northgate:"


class Page(HTMLParser):
    """What a browser without script would find on the sign-in page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.options: dict[str, list[str]] = {}
        self.chosen: dict[str, str] = {}
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag == "select":
            self._select = attributes["name"] or ""
        if tag == "option":
            self.options.setdefault(self._select, []).append(attributes["value"] or "")
            if "selected" in attributes:
                self.chosen[self._select] = attributes["value"] or ""

    def by_id(self, identifier: str) -> dict[str, str | None]:
        return next(attributes for _, attributes in self.elements if attributes.get("id") == identifier)

    def hidden(self) -> dict[str, str]:
        inputs = [attributes for tag, attributes in self.elements if tag == "input"]
        return {str(i["name"]): str(i["value"]) for i in inputs if i["type"] == "hidden"}


def test_a_person_signs_in_on_the_page_and_the_client_verifies_who_it_is(party: RelyingParty) -> None:
    attempt = party.attempt(acr_values=f"{NORTHGATE}high")
    page = Page(party.authorize(attempt).text)
    answer = party.http.post(
        f"{party.issuer}{page.by_id('sign-in')['action']}",
        data={**page.hidden(), "persona": "complete-7", "outcome": "success"},
        allow_redirects=False,
        timeout=TIMEOUT,
    )
    returned = party.returned(answer)
    assert returned["state"] == attempt.parameters["state"]
    assert returned["iss"] == party.issuer
    assert party.token(attempt, returned["code"]).status_code == 200


def test_the_id_token_is_verified_by_another_library_and_agrees_with_userinfo(party: RelyingParty) -> None:
    before = int(time.time())
    signed_in = party.sign_in("complete-17", acr_values=f"{NORTHGATE}low")
    claims, userinfo = signed_in.verified_claims(), signed_in.userinfo()
    assert claims["nonce"] == signed_in.attempt.nonce
    assert claims["acr"] == f"{NORTHGATE}low"
    assert before <= claims["auth_time"] <= claims["iat"] <= time.time()
    assert claims["exp"] == claims["iat"] + 300
    assert userinfo["sub"] == claims["sub"]
    assert userinfo["email"] == "person.17@people.example"
    assert "email" not in claims


def test_the_page_offers_every_persona_and_outcome_and_works_without_script(party: RelyingParty) -> None:
    response = party.authorize(party.attempt(prompt="login", acr_values=f"{NORTHGATE}low"))
    page = Page(response.text)
    assert page.chosen == {"persona": "complete", "outcome": "success"}
    assert {"mononym", "welsh", "second-complete", "complete-1"} <= set(page.options["persona"])
    assert page.options["outcome"] == [outcome.value for outcome in Outcome]
    assert page.by_id("asked-level")["data-level"] == "low"
    assert page.by_id("new-sign-in")["data-demanded"] == "yes"
    assert ("html", {"lang": "en"}) in page.elements
    assert "simulated" in response.text
    assert "<script" not in response.text
    assert "form-action" not in response.headers["Content-Security-Policy"]


def test_what_the_client_sent_cannot_become_markup(party: RelyingParty) -> None:
    html = party.authorize(party.attempt(state='"><script>alert(1)</script>')).text
    assert "<script" not in html
    assert Page(html).hidden()["state"] == '"><script>alert(1)</script>'


def test_an_authorization_request_may_be_posted(party: RelyingParty) -> None:
    response = party.http.post(
        f"{party.issuer}/authorize", data=party.attempt().parameters, allow_redirects=False, timeout=TIMEOUT
    )
    assert response.status_code == 200
    assert "form" in response.text


@pytest.mark.parametrize(
    ("asked", "asserted"),
    [
        ({"acr_values": f"{NORTHGATE}high {NORTHGATE}low"}, "high"),
        ({"acr_values": f"urn:unknown {NORTHGATE}low"}, "low"),
        ({"acr_values": "urn:unknown"}, "medium"),
        ({}, "medium"),
        ({"claims": json.dumps({"id_token": {"acr": {"value": f"{NORTHGATE}high"}}})}, "high"),
        (
            {"claims": json.dumps({"id_token": {"acr": {"essential": True, "values": [f"{NORTHGATE}low"]}}})},
            "low",
        ),
    ],
)
def test_the_level_asserted_is_the_level_asked_for_else_medium(
    party: RelyingParty, asked: dict[str, str], asserted: str
) -> None:
    assert party.sign_in(**asked).verified_claims()["acr"] == NORTHGATE + asserted


def test_scopes_and_single_requests_decide_what_is_told(party: RelyingParty) -> None:
    claims = json.dumps(
        {"id_token": {"birthdate": None}, "userinfo": {"place_of_birth": {"essential": True}}}
    )
    signed_in = party.sign_in(scope="openid email", claims=claims)
    assert signed_in.verified_claims()["birthdate"] == "1985-04-12"
    assert set(signed_in.userinfo()) == {"sub", "email", "email_verified", "place_of_birth"}


def test_without_a_sign_in_prompt_none_is_refused(party: RelyingParty) -> None:
    returned = party.returned(party.authorize(party.attempt(prompt="none")))
    assert returned["error"] == "login_required"
    assert returned["iss"] == party.issuer


def test_after_a_sign_in_prompt_none_answers_with_the_time_of_that_sign_in(party: RelyingParty) -> None:
    first = party.sign_in("welsh").verified_claims()
    time.sleep(1.1)
    attempt = party.attempt(prompt="none")
    code = party.returned(party.authorize(attempt))["code"]
    again = party.redeem(attempt, code).verified_claims()
    assert (again["sub"], again["auth_time"]) == (first["sub"], first["auth_time"])
    assert again["iat"] > first["iat"]


def test_a_sign_in_older_than_max_age_does_not_answer_prompt_none(party: RelyingParty) -> None:
    party.sign_in("welsh")
    time.sleep(1.1)
    returned = party.returned(party.authorize(party.attempt(prompt="none", max_age="1")))
    assert returned["error"] == "login_required"


def test_the_page_comes_again_for_somebody_signed_in_already(party: RelyingParty) -> None:
    party.sign_in()
    assert party.authorize(party.attempt()).status_code == 200


def test_with_silent_sign_in_only_a_demand_brings_the_page_back(
    client_keys: tuple[ec.EllipticCurvePrivateKey, str],
) -> None:
    key, redirect_uri = client_keys
    with running_oidc_stub("--silent-sign-in") as issuer:
        party = RelyingParty(issuer=issuer, redirect_uri=redirect_uri, key=key)
        with party.http:
            assert party.authorize(party.attempt()).status_code == 200
            party.sign_in("mononym")
            assert "code" in party.returned(party.authorize(party.attempt()))
            for demand in ({"prompt": "login"}, {"max_age": "0"}, {"prompt": "select_account"}):
                assert party.authorize(party.attempt(**demand)).status_code == 200


def test_the_session_cookie_bears_this_providers_own_name(party: RelyingParty) -> None:
    response = party.authorize(party.attempt(), "complete")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("stub-oidc-")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "too-short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "whatever"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"claims": '{"userinfo": 1}'}, "invalid_request"),
        ({"request": "ey.."}, "request_not_supported"),
        ({"request_uri": "https://evil.example"}, "request_uri_not_supported"),
    ],
)
def test_a_malformed_request_goes_back_with_the_standards_error(
    party: RelyingParty, changes: dict[str, str], error: str
) -> None:
    attempt = party.attempt(**changes)
    returned = party.returned(party.authorize(attempt))
    assert returned["error"] == error
    assert returned["state"] == attempt.parameters["state"]
    assert returned["iss"] == party.issuer


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": ""},
        {"redirect_uri": ""},
        {"redirect_uri": "/relative"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "http://127.0.0.1/#f"},
        {"redirect_uri": "http://[::1"},
    ],
)
def test_an_untrusted_return_address_is_shown_and_never_followed(
    party: RelyingParty, changes: dict[str, str]
) -> None:
    response = party.authorize(party.attempt(**changes), "complete")
    assert response.status_code == 400
    assert "Location" not in response.headers


def test_a_repeated_parameter_is_refused(party: RelyingParty) -> None:
    pairs = [*party.attempt().parameters.items(), ("nonce", "another")]
    address = f"{party.issuer}/authorize"
    response = party.http.get(address, params=pairs, allow_redirects=False, timeout=TIMEOUT)
    assert party.returned(response)["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("persona", "outcome"), [("nobody", ""), ("complete-01", ""), ("complete", "nonsense")]
)
def test_an_unknown_persona_or_outcome_is_a_plain_page(
    party: RelyingParty, persona: str, outcome: str
) -> None:
    response = party.authorize(party.attempt(), persona, outcome)
    assert response.status_code == 400
    assert "knows no such" in response.text


def test_a_stub_told_its_client_refuses_every_other(
    client_keys: tuple[ec.EllipticCurvePrivateKey, str],
) -> None:
    key, redirect_uri = client_keys
    with running_oidc_stub("--client-id", "countersign", "--redirect-uri", redirect_uri) as issuer:
        party = RelyingParty(issuer=issuer, redirect_uri=redirect_uri, key=key)
        with party.http:
            assert party.sign_in().verified_claims()["aud"] == "countersign"
            for change in ({"client_id": "stranger"}, {"redirect_uri": f"{redirect_uri}/other"}):
                assert party.authorize(party.attempt(**change), "complete").status_code == 400
