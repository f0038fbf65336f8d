"""A provider cannot make the hub call anybody but the provider itself (A-UO-09, A-UO-01)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.builders import a_provider_entry
from tests.citizen import Citizen
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub, running_hub
from tests.scripted_provider import Claims, ScriptedProvider, scripted_provider
from tests.web_browser import Browser

ELSEWHERE: dict[str, Claims] = {
    "keys-in-the-cloud": {"jwks_uri": "http://169.254.169.254/latest/meta-data"},
    "keys-inside": {"jwks_uri": "https://10.0.0.1/jwks"},
    "token-inside": {"token_endpoint": "http://192.168.0.1/token"},
    "token-at-the-hub": {"token_endpoint": "{hub}/token"},
    "userinfo-by-name": {"userinfo_endpoint": "https://metadata.internal/userinfo"},
    "token-as-file": {"token_endpoint": "file:///etc/passwd"},
    "keys-with-user": {"jwks_uri": "https://user@keys.example/jwks"},
    "other-issuer": {"issuer": "https://northgate.example"},
}


@dataclass(frozen=True, slots=True)
class Hostile:
    hub: RunningHub
    providers: dict[str, ScriptedProvider]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, fishing: RelyingService) -> Iterator[Hostile]:
    with ExitStack() as stack:
        providers = {name: stack.enter_context(scripted_provider()) for name in ELSEWHERE}
        entries = [a_provider_entry(name, issuer=each.issuer) for name, each in providers.items()]
        hub = stack.enter_context(
            running_hub(
                tmp_path_factory.mktemp("hostile"),
                services=[fishing.entry()],
                providers={},
                other_providers=entries,
            )
        )
        for name, each in providers.items():
            each.metadata = {
                member: value.format(hub=hub.issuer) for member, value in ELSEWHERE[name].items()
            }
        yield Hostile(hub, providers)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_uo_09_an_address_elsewhere_is_refused_quickly_and_nothing_is_sent_there(
    hostile: Hostile, fishing: RelyingService, name: str
) -> None:
    provider = hostile.providers[name]
    provider.userinfo = {"name": "Ann Example", "birthdate": "1990-01-01"}
    citizen = Citizen(hostile.hub, browser=Browser({hostile.hub.issuer, provider.issuer}))
    began = time.monotonic()

    page = citizen.until_agreement(fishing.ask(), provider=name)

    assert page.outcome[0] in {"provider_error", "provider_unavailable"}
    assert time.monotonic() - began < 5
    kinds = [entry["kind"] for entry in hostile.hub.entries(page.reference)]
    assert "journey.identity_received" not in kinds
