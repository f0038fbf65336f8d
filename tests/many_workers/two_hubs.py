"""One hub as two processes that share database, store and keys, as they do behind a load balancer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import TypeVar

from broker.demo.processes import find_free_port
from tests.builders import Entry
from tests.citizen import Citizen
from tests.running_hub import HUB, REPOSITORY, SERVE, RunningHub, running_hub

SECOND = "second-hub"
_PATIENCE_SECONDS = 60.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoHubs:
    """A hub, and where its second process answers; the issuer is the first one's address."""

    hub: RunningHub
    second: str

    @property
    def addresses(self) -> tuple[str, str]:
        return self.hub.issuer, self.second

    def citizen(self) -> Citizen:
        """Somebody new, whose browser may be sent to either process."""
        citizen = Citizen(self.hub)
        citizen.browser.reachable.add(self.second)
        return citizen

    def elsewhere(self, url: str, number: int) -> str:
        """The same address at one of the two processes, by turns."""
        return url.replace(self.hub.issuer, self.addresses[number % 2], 1)

    def restart(self) -> None:
        """Stop both processes and start them again."""
        self.hub.group.stop(SECOND)
        self.hub.restart()
        _start_second(self.hub, self.second)


@contextmanager
def two_hubs(
    directory: Path, *, services: Sequence[Entry], environment: Mapping[str, str]
) -> Iterator[TwoHubs]:
    """Run both processes and the simulated providers until the block ends."""
    with running_hub(directory, services=services, environment=environment) as hub:
        second = f"http://localhost:{find_free_port()}"
        _start_second(hub, second)
        yield TwoHubs(hub=hub, second=second)


def at_once(attempt: Callable[[int], _T], attempts: int) -> list[_T]:
    """Make all attempts at the same moment; gives what each came to."""
    start = Barrier(attempts)

    def one(number: int) -> _T:
        start.wait()
        return attempt(number)

    with ThreadPoolExecutor(attempts) as pool:
        return list(pool.map(one, range(attempts)))


def _start_second(hub: RunningHub, address: str) -> None:
    bind = f"127.0.0.1:{address.rpartition(':')[2]}"
    hub.group.start(SECOND, [*SERVE, "--bind", bind], environment=hub._environment, directory=REPOSITORY)
    for name, url in ((SECOND, f"http://{bind}"), (HUB, hub.issuer)):
        hub.group.wait_until_ready(name, f"{url}/health/ready", timeout=_PATIENCE_SECONDS)
