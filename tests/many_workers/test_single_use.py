"""One code, one upstream state and one client assertion are each good once, among any number of processes.

On every combination of engines, and also when the hub was restarted or Redis has forgotten everything in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.citizen import Citizen
from tests.engines.postgres import PostgresCluster
from tests.engines.redis_server import RedisServer
from tests.many_workers.two_hubs import TwoHubs, at_once, two_hubs
from tests.relying_service import Answer, Asked, RelyingService, call

AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Two processes of one hub, a service, and what makes Redis forget (nothing where there is none)."""

    hubs: TwoHubs
    service: RelyingService
    forget: Callable[[], None]

    def code(self, citizen: Citizen, **parameters: str) -> tuple[Asked, str]:
        asked = self.service.ask(**parameters)
        return asked, self.service.code(self.hubs.hub.issuer, asked, citizen.go_through(asked))

    def redeem(self, asked: Asked, code: str, number: int = 0, *, assertion: str | None = None) -> Answer:
        """Redeem at one of the processes, by turns."""
        own = assertion or self.service.assertion(audience=self.hubs.hub.issuer)
        return self.service.redeem(self.hubs.addresses[number % 2], asked, code, client_assertion=own)


@pytest.fixture(scope="module", params=["sqlite", "sqlite+redis", "postgres", "postgres+redis"])
def setting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    environment: dict[str, str] = {}
    forget: Callable[[], object] = int
    if "postgres" in request.param:
        postgres: PostgresCluster = request.getfixturevalue("postgres")
        environment["COUNTERSIGN_DATABASE_URL"] = postgres.new_database()
    if "redis" in request.param:
        redis: RedisServer = request.getfixturevalue("redis_process")
        environment["COUNTERSIGN_REDIS_URL"] = redis.new_database()
        forget = redis.client(environment["COUNTERSIGN_REDIS_URL"]).flushdb
    service = RelyingService(id="fishing-licence", differences={"sector": "rivers.example"})
    directory = tmp_path_factory.mktemp("hubs")
    with two_hubs(directory, services=[service.entry()], environment=environment) as hubs:
        yield Setting(hubs=hubs, service=service, forget=lambda: (forget(), None)[1])
        assert "unforeseen" not in hubs.hub.log


@pytest.fixture
def citizen(setting: Setting) -> Citizen:
    return setting.hubs.citizen()


def statuses(answers: list[Answer]) -> Counter[tuple[int, str | None]]:
    return Counter((answer.status, answer.body.get("error")) for answer in answers)


def test_of_many_redemptions_of_one_code_exactly_one_is_honoured(setting: Setting, citizen: Citizen) -> None:
    asked, code = setting.code(citizen)

    answers = at_once(lambda number: setting.redeem(asked, code, number), AT_ONCE)

    assert statuses(answers) == {(200, None): 1, (400, "invalid_grant"): AT_ONCE - 1}
    (given,) = (answer.body["access_token"] for answer in answers if answer.status == 200)
    assert call("GET", f"{setting.hubs.second}/userinfo", bearer=given).status == 401


def test_of_many_uses_of_one_client_assertion_exactly_one_counts(setting: Setting, citizen: Citizen) -> None:
    setting.code(citizen)
    codes = [setting.code(citizen, prompt="none") for _ in range(AT_ONCE)]
    assertion = setting.service.assertion(audience=setting.hubs.hub.issuer)

    answers = at_once(lambda number: setting.redeem(*codes[number], number, assertion=assertion), AT_ONCE)

    assert statuses(answers) == {(200, None): 1, (401, "invalid_client"): AT_ONCE - 1}
    refused = next(number for number, answer in enumerate(answers) if answer.status == 401)
    assert setting.redeem(*codes[refused]).status == 200, "a refused assertion spends no code"


def test_of_many_arrivals_with_one_upstream_state_exactly_one_is_taken(
    setting: Setting, citizen: Citizen
) -> None:
    setting.code(citizen)
    asked = setting.service.ask(prompt="login")
    at_provider = citizen.choose(citizen.visit(asked))
    reference = citizen.browser.history[-3].url.split("/")[4]
    answer = citizen.sign_in_there(at_provider, follow=False).location
    tabs = [citizen.browser.copy() for _ in range(AT_ONCE)]

    pages = at_once(
        lambda number: tabs[number].get(setting.hubs.elsewhere(answer, number), follow=False), AT_ONCE
    )

    assert {page.status for page in pages} <= {200, 303}
    gave_codes = [page for page in pages if "code=" in page.headers.get("Location", "")]
    assert len(gave_codes) == 1
    kinds = Counter(entry["kind"] for entry in setting.hubs.hub.entries(reference))
    assert kinds["journey.identity_received"] == kinds["journey.completed"] == 1
    assert kinds["journey.identity_refused"] == 0
    again = citizen.browser.get(setting.hubs.elsewhere(answer, 1), follow=False)
    assert "code=" not in again.headers.get("Location", "")


def test_one_persons_tabs_do_not_get_in_each_others_way(setting: Setting, citizen: Citizen) -> None:
    setting.code(citizen)
    for _ in range(3):
        arrivals = [
            citizen.sign_in_there(
                citizen.choose(citizen.visit(setting.service.ask(prompt="login"))), follow=False
            ).location
            for _ in range(8)
        ]
        silent = [setting.service.ask(prompt="none").url(setting.hubs.hub.issuer) for _ in range(16)]
        urls = [*arrivals, *silent]
        tabs = [citizen.browser.copy() for _ in urls]

        pages = at_once(
            lambda number, tabs=tabs, urls=urls: tabs[number].get(  # type: ignore[misc]
                setting.hubs.elsewhere(urls[number], number), follow=False
            ),
            len(urls),
        )

        assert {page.status for page in pages} == {303}
        answers = [page.headers["Location"] for page in pages]
        assert all("code=" in answer for answer in answers[: len(arrivals)])
        assert all("code=" in answer or "error=login_required" in answer for answer in answers)
        citizen.browser = tabs[0]


def test_after_a_restart_and_a_flush_nothing_that_was_used_can_be_used_again(
    setting: Setting, citizen: Citizen
) -> None:
    spent = setting.code(citizen)
    unspent = setting.code(citizen, prompt="none")
    other = setting.code(citizen, prompt="none")
    asked = setting.service.ask(prompt="login")
    answer = citizen.sign_in_there(citizen.choose(citizen.visit(asked)), follow=False).location
    assertion = setting.service.assertion(audience=setting.hubs.hub.issuer)
    assert setting.redeem(*spent, assertion=assertion).status == 200
    taken = citizen.browser.get(answer, follow=False)
    assert "code=" in taken.headers["Location"]

    setting.forget()
    setting.hubs.restart()

    for number in range(2):
        assert statuses([setting.redeem(*spent, number)]) == {(400, "invalid_grant"): 1}
        replayed = setting.redeem(*other, number, assertion=assertion)
        assert statuses([replayed]) == {(401, "invalid_client"): 1}
        arrived = citizen.browser.get(setting.hubs.elsewhere(answer, number), follow=False)
        assert "code=" not in arrived.headers.get("Location", "")
        assert arrived.status in {200, 303, 400}
    answers = at_once(lambda number: setting.redeem(*unspent, number), 20)
    assert sum(one.status == 200 for one in answers) <= 1
    assert {one.status for one in answers} <= {200, 400}


def test_after_a_flush_the_hub_serves_people_as_if_they_were_new_to_it(
    setting: Setting, citizen: Citizen
) -> None:
    first = setting.code(citizen)
    picker = citizen.visit(setting.service.ask(prompt="login"))
    tokens = setting.redeem(*first).body

    setting.forget()

    assert citizen.browser.get(picker.url).status in {200, 410}
    assert call("GET", f"{setting.hubs.second}/userinfo", bearer=tokens["access_token"]).status in {200, 401}
    assert setting.redeem(*setting.code(citizen)).status == 200
