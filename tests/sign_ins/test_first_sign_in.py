"""The main job: a citizen proves who they are to a service, which learns that and nothing else."""

from __future__ import annotations

import time

from tests.builders import acr
from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub

PROTOCOL_CLAIMS = {"iss", "sub", "aud", "exp", "iat", "acr", "auth_time", "nonce", "sid", "at_hash"}
NAMES = {"name", "given_name", "middle_name", "family_name"}


def test_a_first_sign_in_ends_with_a_verified_minimal_identity(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()

    picker = citizen.visit(asked)
    at_provider = citizen.choose(picker)
    agreement = citizen.sign_in_there(at_provider)
    landed = citizen.decide(agreement, tick=["postcode_area"])
    signed_in = fishing.finish(hub.issuer, asked, landed)

    assert set(signed_in.claims) == PROTOCOL_CLAIMS
    assert signed_in.claims["acr"] == acr("medium.medium")
    assert abs(signed_in.claims["auth_time"] - time.time()) < 30
    assert set(signed_in.userinfo) == {"sub", *NAMES, "age_over_18", "postcode_area"}
    assert signed_in.userinfo["age_over_18"] is True


def test_an_optional_item_that_is_not_ticked_stays_here(citizen: Citizen, fishing: RelyingService) -> None:
    signed_in = citizen.sign_in(fishing)

    assert set(signed_in.userinfo) == {"sub", *NAMES, "age_over_18"}


def test_openid_alone_gives_a_subject_and_a_level(citizen: Citizen, fishing: RelyingService) -> None:
    signed_in = citizen.sign_in(fishing, scope="openid")

    assert set(signed_in.claims) == PROTOCOL_CLAIMS
    assert signed_in.userinfo == {"sub": signed_in.subject}


def test_a_service_with_a_posted_secret_gets_all_it_is_registered_for(
    citizen: Citizen, archive: RelyingService
) -> None:
    signed_in = citizen.sign_in(archive)

    assert {"email", "phone_number", "birthdate", "gender", "address"} <= set(signed_in.userinfo)
    assert isinstance(signed_in.userinfo["address"], dict)
    assert None not in signed_in.userinfo.values()
    assert "" not in signed_in.userinfo.values()


def test_standard_scopes_give_their_claims_and_no_others(citizen: Citizen, archive: RelyingService) -> None:
    signed_in = citizen.sign_in(archive, scope="openid email phone")

    assert set(signed_in.userinfo) >= {"sub", "email", "phone_number"}
    assert set(signed_in.userinfo) <= {
        "sub",
        "email",
        "email_verified",
        "phone_number",
        "phone_number_verified",
    }


def test_a_redirect_uri_with_a_query_keeps_it(
    hub: RunningHub, citizen: Citizen, archive: RelyingService
) -> None:
    asked = archive.ask()

    landed = citizen.go_through(asked)

    assert landed.url.startswith("https://archive.example/callback?from=hub&code=")
    assert set(landed.query) == {"from", "code", "iss", "state"}
    assert landed.query["iss"] == hub.issuer


def test_a_request_without_state_or_nonce_gets_neither_back(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask(state=None, nonce=None)

    landed = citizen.go_through(asked)

    assert set(landed.query) == {"code", "iss"}
    tokens = fishing.redeem(hub.issuer, asked, landed.query["code"])
    assert "nonce" not in fishing.verified(hub.issuer, asked, tokens.body)


def test_a_very_long_state_and_nonce_come_back_unchanged(citizen: Citizen, fishing: RelyingService) -> None:
    citizen.sign_in(fishing, state="s+t/a te&" * 40, nonce="n" * 384)


def test_unknown_parameters_are_ignored(citizen: Citizen, fishing: RelyingService) -> None:
    citizen.sign_in(fishing, colour="green", login_hint="x" * 4000, display="hologram", ui_locales="xx tlh")


def test_every_journey_has_its_own_reference_on_every_page(citizen: Citizen, fishing: RelyingService) -> None:
    first = citizen.visit(fishing.ask())
    second = citizen.visit(fishing.ask())

    assert first.reference != second.reference
    agreement = citizen.sign_in_there(citizen.choose(second))
    assert agreement.reference == second.reference
