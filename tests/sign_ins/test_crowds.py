"""Many people at once, the same person twice in a second, one browser with many tabs: nobody fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.citizen import Citizen, somebody
from tests.relying_service import RelyingService, SignedIn
from tests.running_hub import RunningHub


def all_at_once(citizens: list[Citizen], service: RelyingService) -> list[SignedIn]:
    with ThreadPoolExecutor(len(citizens)) as pool:
        return list(pool.map(lambda citizen: citizen.sign_in(service), citizens))


def test_twenty_sign_ins_at_once_all_succeed_with_tokens_of_their_own(
    hub: RunningHub, fishing: RelyingService
) -> None:
    twins = somebody()
    citizens = [*(Citizen(hub) for _ in range(16)), *(Citizen(hub, twins) for _ in range(4))]

    signed_in = all_at_once(citizens, fishing)

    assert len({each.access_token for each in signed_in}) == 20
    assert len({each.id_token for each in signed_in}) == 20
    assert len({each.claims["sid"] for each in signed_in}) == 20
    assert len({each.subject for each in signed_in[:16]}) == 16
    assert len({each.subject for each in signed_in[16:]}) == 1


def test_one_person_signing_in_for_the_first_time_twice_at_once_gets_one_account(
    hub: RunningHub, fishing: RelyingService, library: RelyingService
) -> None:
    for _ in range(3):
        persona = somebody()
        at_fishing, at_library = Citizen(hub, persona), Citizen(hub, persona)
        with ThreadPoolExecutor(4) as pool:
            results = [
                pool.submit(at_fishing.sign_in, fishing),
                pool.submit(Citizen(hub, persona).sign_in, fishing),
                pool.submit(at_library.sign_in, library),
                pool.submit(Citizen(hub, persona).sign_in, library),
            ]
            subjects = [result.result().subject for result in results]

        assert len(set(subjects[:2])) == 1
        assert len(set(subjects[2:])) == 1


def test_many_tabs_of_one_session_are_all_answered_silently(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    before = citizen.sign_in(fishing)
    tabs = [Citizen(hub, citizen.persona, citizen.browser.copy()) for _ in range(12)]

    with ThreadPoolExecutor(len(tabs)) as pool:
        again = list(pool.map(lambda tab: tab.sign_in(fishing, prompt="none"), tabs))

    assert {each.subject for each in again} == {before.subject}
    assert len({each.access_token for each in again}) == 12


def test_many_journeys_in_one_browser_push_out_only_the_oldest(
    hub: RunningHub, citizen: Citizen, fishing: RelyingService
) -> None:
    asked = [fishing.ask() for _ in range(14)]
    pickers = [citizen.visit(each) for each in asked]

    assert len(citizen.browser.cookies["localhost"]) <= 11
    oldest = citizen.browser.get(pickers[0].url)
    assert (oldest.status, oldest.outcome) == (410, ("expired", "citizen"))
    landed = citizen.decide(citizen.sign_in_there(citizen.choose(pickers[-1])))
    fishing.finish(hub.issuer, asked[-1], landed)
