"""The main job: a citizen proves who they are to a service, which learns that and nothing else."""

from __future__ import annotations

import time

from tests.builders import acr
from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub

PROTOCOL_CLAIMS = {"iss", "sub", "aud", "exp", "iat", "acr", "auth_time", "nonce", "sid", "at_hash"}


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
    assert set(signed_in.userinfo) == {
        "sub",
        "name",
        "given_name",
        "middle_name",
        "family_name",
        "age_over_18",
        "postcode_area",
    }
    assert signed_in.userinfo["age_over_18"] is True
