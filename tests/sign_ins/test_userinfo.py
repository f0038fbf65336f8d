"""Userinfo: by whichever way the standard allows, for this token's person only, and never stored (A-UA)."""

from __future__ import annotations

import pytest

from tests.citizen import Citizen
from tests.relying_service import ASSERTION_TYPE, RelyingService, SignedIn, call
from tests.running_hub import RunningHub


@pytest.fixture
def signed_in(citizen: Citizen, fishing: RelyingService) -> SignedIn:
    return citizen.sign_in(fishing)


def test_the_token_may_come_in_the_header_by_get_or_post_or_in_a_form(
    hub: RunningHub, signed_in: SignedIn
) -> None:
    url, token = f"{hub.issuer}/userinfo", signed_in.access_token

    answers = [
        call("GET", url, bearer=token),
        call("POST", url, bearer=token),
        call("POST", url, form={"access_token": token}),
        call("GET", url, headers={"Authorization": f"bearer {token}"}),
        call("GET", url, headers={"Authorization": f"BEARER  {token}"}),
    ]

    assert [answer.status for answer in answers] == [200] * 5
    assert all(answer.body == signed_in.userinfo for answer in answers)


def test_a_token_in_two_ways_or_in_the_address_is_refused(hub: RunningHub, signed_in: SignedIn) -> None:
    url, token = f"{hub.issuer}/userinfo", signed_in.access_token

    twice = call("POST", url, bearer=token, form={"access_token": token})
    in_query = call("GET", f"{url}?access_token={token}")

    assert (twice.status, twice.body["error"]) == (400, "invalid_request")
    assert in_query.status == 401


def test_without_a_token_the_challenge_says_how(hub: RunningHub) -> None:
    answer = call("GET", f"{hub.issuer}/userinfo")

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="countersign"'


def test_a_ua_03_no_other_token_serves_as_an_access_token(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, signed_in: SignedIn
) -> None:
    asked = fishing.ask(prompt="none")
    code = fishing.code(hub.issuer, asked, citizen.visit(asked))
    session = citizen.browser.cookies["localhost"]["countersign-session"]
    answers = [
        call("GET", f"{hub.issuer}/userinfo", bearer=wrong)
        for wrong in (
            signed_in.id_token,
            fishing.assertion(audience=hub.issuer),
            code,
            session,
            "unknown",
            "A" * 22 + "." + "A" * 43,
        )
    ]

    assert {answer.status for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert len({answer.headers["WWW-Authenticate"] for answer in answers}) == 1


def test_a_ua_04_nothing_but_the_token_says_whose_data_it_is(
    hub: RunningHub, library: RelyingService, signed_in: SignedIn
) -> None:
    other = Citizen(hub).sign_in(library)
    url = f"{hub.issuer}/userinfo?sub={other.subject}&user=other&claims=%7B%22userinfo%22%3A%7B%7D%7D"

    answer = call("GET", url, bearer=signed_in.access_token, headers={"X-User": other.subject})

    assert answer.body == signed_in.userinfo
    assert call("GET", f"{hub.issuer}/userinfo/{other.subject}", bearer=signed_in.access_token).status == 404


def test_a_ua_06_private_answers_are_stored_nowhere(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, signed_in: SignedIn
) -> None:
    answer = call("GET", f"{hub.issuer}/userinfo", bearer=signed_in.access_token)

    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    for page in citizen.browser.history:
        if page.url.startswith(hub.issuer):
            assert page.headers["Cache-Control"] == "no-store"


def test_a_ua_01_a_token_gives_each_service_what_it_alone_may_know(
    hub: RunningHub, citizen: Citizen, library: RelyingService, signed_in: SignedIn
) -> None:
    at_library = citizen.sign_in(library)

    answer = call("GET", f"{hub.issuer}/userinfo", bearer=at_library.access_token)

    assert answer.body["sub"] == at_library.subject != signed_in.subject
    assert "age_over_18" not in answer.body


def test_a_body_that_is_not_a_form_is_not_read(hub: RunningHub, signed_in: SignedIn) -> None:
    answer = call(
        "POST",
        f"{hub.issuer}/userinfo",
        body=f'{{"access_token":"{signed_in.access_token}"}}'.encode(),
        headers={"Content-Type": "application/json"},
    )

    assert answer.status == 401


def test_a_used_client_assertion_is_no_way_in(hub: RunningHub, fishing: RelyingService) -> None:
    form = {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": fishing.assertion(audience=hub.issuer),
    }

    assert call("POST", f"{hub.issuer}/userinfo", form=form).status == 401


def test_every_release_is_journalled_by_attribute_name_only(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    signed_in = citizen.sign_in(fishing, scope="openid attributes")

    released = [entry for entry in hub.entries() if entry["kind"] == "attributes.released"][-1]

    assert released["fields"]["door"] == "userinfo"
    assert "age_over_18" in released["fields"]["attributes"]
    assert signed_in.subject not in str(released)
