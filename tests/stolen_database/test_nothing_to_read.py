"""A stolen database shows no attribute, subject, token or code, in no spelling and under no plain hash (A-PR-03).

The files are taken again and again while journeys stand at every step, write-ahead log included, and searched for
everything that the simulated providers know of these people and everything that browsers and services were given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.citizen import Citizen, somebody
from tests.relying_service import RelyingService, SignedIn
from tests.running_hub import RunningHub, running_hub
from tests.stolen_database.loot import Needle, found, guises, pages_of, texts_in, values_of

PERSONAS = ("complete", "welsh", "mononym", "non-latin")

# Said of so many that they name nobody, and part of what the registry says for everybody anyway.
COMMON = frozenset({"female", "male", "GB", "JP", "en-GB", "United Kingdom", "Europe/London"})


@dataclass(slots=True)
class Theft:
    """Everything that was in the files at any moment, and everything that must not have been."""

    before: set[bytes]
    taken: set[bytes] = field(default_factory=set)
    thefts: int = 0
    secrets: set[tuple[str, str]] = field(default_factory=set)

    def take(self, hub: RunningHub) -> None:
        self.taken |= pages_of(hub)
        self.thefts += 1

    def keep(self, what: str, value: object) -> None:
        self.secrets.update(
            (what, text) for what, text in texts_in(what, value) if len(text) >= 3 and text not in COMMON
        )


@pytest.fixture(scope="module")
def theft(
    tmp_path_factory: pytest.TempPathFactory, fishing: RelyingService, archive: RelyingService
) -> Iterator[Theft]:
    """Five people, two services, every step of a journey, and a copy of the files after each step."""
    services = [fishing.entry(), archive.entry()]
    with running_hub(tmp_path_factory.mktemp("stolen"), services=services) as hub:
        theft = Theft(before=pages_of(hub) | values_of(hub))
        for persona in (*PERSONAS, somebody()):
            _follow(hub, Citizen(hub, persona), fishing, archive, theft)
            theft.taken |= values_of(hub)
        hub.group.stop("hub")
        theft.take(hub)
        yield theft


def _follow(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService, archive: RelyingService, theft: Theft
) -> None:
    theft.keep("upstream subject", citizen.person.subject)
    theft.keep("claim", dict(citizen.person.claims))
    for service in (fishing, archive):
        # One journey is left at every step, so that the theft finds all of them open.
        elsewhere = citizen.elsewhere()
        elsewhere.choose(elsewhere.visit(service.ask()))
        _take(hub, elsewhere, theft)
        elsewhere.until_agreement(service.ask())
        _take(hub, elsewhere, theft)
        elsewhere.go_through(service.ask(prompt="login"), outcome="not-proved")
        elsewhere.decide(elsewhere.until_agreement(service.ask(prompt="login")), "refuse")
        _take(hub, elsewhere, theft)

        asked = service.ask(prompt="consent", login_hint=str(citizen.person.claims["email"]))
        tick = ["postcode_area"] if service is fishing and "address" in citizen.person.claims else []
        landed = citizen.go_through(asked, tick=tick)
        code = service.code(hub.issuer, asked, landed)
        theft.keep("code", [code, *code.split(".")])
        _take(hub, citizen, theft)
        _keep_tokens(theft, service.collect(hub.issuer, asked, code))
        again = service.ask(prompt="none")
        _keep_tokens(theft, service.finish(hub.issuer, again, citizen.visit(again)))
        _take(hub, citizen, theft)


def _keep_tokens(theft: Theft, signed_in: SignedIn) -> None:
    theft.keep("sub", signed_in.subject)
    theft.keep("sid", signed_in.claims["sid"])
    theft.keep("access token", [signed_in.access_token, *signed_in.access_token.split(".")])
    theft.keep("id token", [signed_in.id_token, *signed_in.id_token.split(".")[1:]])
    theft.keep("released", {name: value for name, value in signed_in.userinfo.items() if name != "sub"})


def _take(hub: RunningHub, citizen: Citizen, theft: Theft) -> None:
    for jar in citizen.browser.cookies.values():
        for cookie in jar.values():
            # The id's own SHA-256 is the row's name: it opens nothing, and is no hash of anything that is known.
            theft.keep("cookie", [cookie, cookie.partition(".")[2]])
    theft.take(hub)


@pytest.fixture(scope="module")
def needles(theft: Theft) -> list[Needle]:
    every = [needle for what, text in sorted(theft.secrets) for needle in guises(what, text)]
    by_chance = {needle.value for needle in found(every, theft.before)}
    assert len(by_chance) < len(every) / 1000, by_chance
    return [needle for needle in every if needle.value not in by_chance]


def test_a_pr_03_the_search_would_find_what_it_looks_for(theft: Theft, needles: list[Needle]) -> None:
    kinds = {needle.what.partition(".")[0].partition(" (")[0] for needle in needles}

    assert {"claim", "released", "upstream subject", "sub", "code", "access token", "cookie"} <= kinds
    assert theft.thefts > 40
    for needle in needles[::97]:
        assert found([needle], [b"before" + needle.value + b"after"]) == [needle]
    # What may be there is found there: the registry names the service, the audit trail the provider.
    for open_to_all in ("fishing-licence", "northgate"):
        assert found(guises("control", open_to_all), theft.taken) != []


def test_a_pr_03_no_secret_is_in_the_files_at_any_moment_in_any_guise(
    theft: Theft, needles: list[Needle]
) -> None:
    assert found(needles, theft.taken) == []
