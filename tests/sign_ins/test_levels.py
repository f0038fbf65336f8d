"""Levels over the wire: never more than proved, never below the registered minimum, and never a nearest match."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.builders import SCHEME, Entry, acr, an_attribute
from tests.citizen import Citizen
from tests.engines.engine import Engine
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub, running_hub


def essential(*values: str) -> str:
    return json.dumps({"id_token": {"acr": {"essential": True, "values": [acr(value) for value in values]}}})


def test_the_level_asked_for_is_asked_of_the_provider_and_stated(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask(acr_values=acr("high.high"))

    at_provider = citizen.choose(citizen.visit(asked))

    assert at_provider.elements["asked-level"]["data-level"] == "high"
    signed_in = fishing.finish(hub.issuer, asked, citizen.decide(citizen.sign_in_there(at_provider)))
    assert signed_in.claims["acr"] == acr("high.high")


def test_the_first_level_that_is_met_is_stated(citizen: Citizen, fishing: RelyingService) -> None:
    wishes = f"{acr('very_high.high')} {acr('medium.medium')} {acr('high.high')}"

    assert citizen.sign_in(fishing, acr_values=wishes).claims["acr"] == acr("medium.medium")


def test_levels_nobody_knows_are_ignored_as_wishes(citizen: Citizen, fishing: RelyingService) -> None:
    signed_in = citizen.sign_in(fishing, acr_values=f"gold 2 {acr('medium.medium').upper()}")

    assert signed_in.claims["acr"] == acr("medium.medium")


def test_a_voluntary_level_that_is_not_met_is_no_error(
    hub: RunningHub, citizen: Citizen, library: RelyingService
) -> None:
    asked = library.ask(acr_values=acr("high.high"))

    signed_in = library.finish(hub.issuer, asked, citizen.go_through(asked, outcome="lower-level"))

    assert signed_in.claims["acr"] == acr("medium.medium")


def test_a_as_02_success_below_the_level_is_an_error_and_releases_nothing(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = fishing.ask()

    page = citizen.until_agreement(asked, outcome="lower-level")

    assert page.outcome == ("level_not_reached", "provider")
    back = page.elements["return-to-service"]["href"]
    assert "error=unmet_authentication_requirements" in back
    kinds = [entry["kind"] for entry in hub.entries(page.reference)]
    assert kinds == ["journey.started", "journey.provider_chosen", "journey.identity_refused"]


def test_an_essential_level_that_is_not_met_fails_although_the_minimum_is_met(
    citizen: Citizen, library: RelyingService
) -> None:
    page = citizen.until_agreement(library.ask(claims=essential("high.high")), outcome="lower-level")

    assert page.outcome == ("level_not_reached", "provider")


def test_an_essential_level_that_nobody_reaches_ends_before_any_provider(
    citizen: Citizen, fishing: RelyingService
) -> None:
    page = citizen.visit(fishing.ask(claims=essential("very_high.high")))

    assert page.outcome == ("no_eligible_provider", "hub")
    assert "error=unmet_authentication_requirements" in page.elements["return-to-service"]["href"]
    assert "try-another" not in page.forms


@pytest.mark.parametrize(
    "edited",
    [
        {"acr_values": acr("low.medium")},
        {"claims": essential("low.medium", "medium.medium")},
        {"claims": '{"id_token":{"acr":{"value":"urn:countersign:level:low.medium"}}}'},
        {"acr_values": None, "claims": None},
    ],
)
def test_a_as_03_whatever_the_front_channel_says_the_registered_minimum_holds(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, edited: dict[str, str | None]
) -> None:
    asked = fishing.ask(**edited)

    at_provider = citizen.choose(citizen.visit(asked))

    assert at_provider.elements["asked-level"]["data-level"] == "medium"
    refused = citizen.sign_in_there(at_provider, "lower-level")
    assert refused.outcome == ("level_not_reached", "provider")
    again = fishing.ask(**edited)
    signed_in = fishing.finish(hub.issuer, again, citizen.go_through(again))
    assert signed_in.claims["acr"] == acr("medium.medium")


def test_a_as_08_a_fraud_warning_releases_nothing_and_does_not_say_why(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    page = citizen.until_agreement(fishing.ask(), outcome="fraud")

    assert page.outcome == ("identity_not_proved", "provider")
    assert "fraud" not in page.text.lower()
    refused = hub.entries(page.reference)[-1]["fields"]
    assert (refused["asserted"], refused["effective"]) == ("unknown", "none.none")


@pytest.fixture(scope="module")
def odd_levels(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RunningHub, RelyingService]]:
    """A hub whose providers are registered for other spellings than they use, or for a strong sign-in only."""
    service = RelyingService(
        id="any-level",
        differences={"assurance": {"minimum": "low.medium"}, "attributes": [an_attribute("name")]},
    )
    spellings: dict[str, Entry] = {
        "miscased": {"URN:example:northgate:low": {"level": "high.high", "scheme": SCHEME}},
        "padded": {"urn:example:northgate:low ": {"level": "high.high", "scheme": SCHEME}},
        "prefix": {"urn:example:northgate": {"level": "high.high", "scheme": SCHEME}},
    }
    # Each also has a value that the stub never says, so that the picker offers it at all.
    providers: dict[str, Entry] = {
        name: {"levels": {**levels, "urn:example:never-said": {"level": "high.high", "scheme": SCHEME}}}
        for name, levels in spellings.items()
    }
    with running_hub(
        tmp_path_factory.mktemp("odd"),
        services=[service.entry()],
        providers=providers,
        environment=engine.new_home(),
    ) as hub:
        yield hub, service


@pytest.mark.parametrize("provider", ["miscased", "padded", "prefix"])
def test_a_as_05_a_value_that_is_not_registered_exactly_is_worth_nothing(
    odd_levels: tuple[RunningHub, RelyingService], provider: str
) -> None:
    hub, service = odd_levels
    citizen = Citizen(hub)

    page = citizen.until_agreement(service.ask(), provider=provider)

    assert page.outcome == ("identity_not_proved", "provider")
    assert hub.entries(page.reference)[-1]["fields"]["effective"] == "none.none"
