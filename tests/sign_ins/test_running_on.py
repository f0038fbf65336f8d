"""Operators change the registry of a running hub and restart it: citizens on their way notice nothing of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.citizen import Citizen
from tests.relying_service import RelyingService, call
from tests.running_hub import RunningHub, replace_registry, running_hub


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory, fishing: RelyingService) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("operated"), services=[fishing.entry()]) as hub:
        yield hub


def test_journeys_sessions_and_tokens_survive_a_restart_of_the_hub(
    operated: RunningHub, fishing: RelyingService
) -> None:
    known, on_the_way = Citizen(operated), Citizen(operated)
    signed_in = known.sign_in(fishing)
    asked = fishing.ask()
    at_provider = on_the_way.choose(on_the_way.visit(asked))

    operated.restart()

    again = known.sign_in(fishing, prompt="none")
    assert again.subject == signed_in.subject
    assert call("GET", f"{operated.issuer}/userinfo", bearer=signed_in.access_token).status == 200
    fishing.finish(operated.issuer, asked, on_the_way.decide(on_the_way.sign_in_there(at_provider)))


def test_a_service_that_joins_is_served_without_a_restart_and_people_on_their_way_arrive(
    operated: RunningHub, fishing: RelyingService, library: RelyingService
) -> None:
    on_the_way = Citizen(operated)
    asked = fishing.ask()
    at_provider = on_the_way.choose(on_the_way.visit(asked))
    assert on_the_way.visit(library.ask()).status == 400

    replace_registry(operated, [fishing.entry(), library.entry()])

    Citizen(operated).sign_in(library)
    fishing.finish(operated.issuer, asked, on_the_way.decide(on_the_way.sign_in_there(at_provider)))
    applied = [entry for entry in operated.entries() if entry["kind"] == "registry.applied"]
    assert applied[-1]["fields"]["changed"] == ["service/library-card"]
