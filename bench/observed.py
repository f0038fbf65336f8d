"""The same hub inside this process, so that what it does can be counted: statements, commits, every call.

Nothing here runs while CPU is measured: watching costs more than what is watched.
"""

from __future__ import annotations

import re
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from cProfile import Profile
from dataclasses import dataclass, field
from time import thread_time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, KeySetSerialization
from sqlalchemy import Engine, event
from werkzeug.serving import WSGIRequestHandler, make_server

from bench.citizen import Citizen
from bench.errors import JourneyFailedError
from bench.federation import Federation, discover
from bench.steps import Scenario, Step, step_of
from broker.app import create_app
from config.settings import load_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_TABLE: Final = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?(\w+)", re.IGNORECASE)


@dataclass(slots=True)
class Counted:
    """What happened at each step, over `journeys` journeys; a BEGIN is not counted apart from its commit."""

    journeys: int = 0
    statements: defaultdict[Step, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    commits: Counter[Step] = field(default_factory=Counter)
    profiles: defaultdict[Step, Profile] = field(default_factory=lambda: defaultdict(_cpu_profile))

    def statements_per_journey(self) -> float:
        """How many statements one journey takes on average."""
        return sum(counts.total() for counts in self.statements.values()) / self.journeys

    def commits_per_journey(self) -> float:
        """How many transactions one journey commits on average."""
        return self.commits.total() / self.journeys


class Observer:
    """Watches what the hub does while it answers a step; what background threads do is not a journey's."""

    def __init__(self, *, profiling: bool) -> None:
        """Count calls as well when `profiling`."""
        self.counted = Counted()
        self._profiling = profiling
        self._answering = threading.local()

    def around(self, application: WSGIApplication) -> WSGIApplication:
        """Wrap the hub's application."""

        def observed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            step = step_of(environ["REQUEST_METHOD"], environ["PATH_INFO"])
            self._answering.step = step
            try:
                if step is None or not self._profiling:
                    return application(environ, start_response)
                return self.counted.profiles[step].runcall(application, environ, start_response)
            finally:
                self._answering.step = None

        return observed

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear every statement and commit of every engine until the block ends."""

        def statement(_conn: object, _cursor: object, text: str, *_rest: object) -> None:
            step: Step | None = getattr(self._answering, "step", None)
            if step is not None and not text.startswith("BEGIN"):
                self.counted.statements[step][_named(text)] += 1

        def commit(_conn: object) -> None:
            step: Step | None = getattr(self._answering, "step", None)
            if step is not None:
                self.counted.commits[step] += 1

        listeners: tuple[tuple[str, Callable[..., None]], ...] = (
            ("before_cursor_execute", statement),
            ("commit", commit),
        )
        for name, listener in listeners:
            event.listen(Engine, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners:
                event.remove(Engine, name, listener)


def observe(
    federation: Federation, scenario: Scenario, people: Sequence[int], *, warm_up: int, profiling: bool
) -> Counted:
    """Send people through a hub in this process; the first `warm_up` of them are not counted.

    The state directory is one that a hub has run on. One ID token's signature is verified on the way. Raises
    `JourneyFailedError`.
    """
    observer = Observer(profiling=profiling)
    application = create_app(load_settings(federation.settings))
    with observer.listening(), _serving(observer.around(application.wsgi_app), federation.hub_bind):
        citizen = Citizen(discover(federation), scenario)
        for person in people[:warm_up]:
            journey = citizen.sign_in(federation.service.attempt(person, scenario))
            _verify(journey.id_token, application.test_client().get("/jwks").get_json())
        observer.counted = Counted(journeys=len(people) - warm_up)
        for person in people[warm_up:]:
            citizen.sign_in(federation.service.attempt(person, scenario))
        citizen.close()
    return observer.counted


class _Quiet(WSGIRequestHandler):
    """Keeps connections alive, as granian does, and writes no log."""

    protocol_version = "HTTP/1.1"

    def log(self, *_message: object) -> None:
        """Say nothing."""


@contextmanager
def _serving(application: WSGIApplication, bind: str) -> Iterator[None]:
    parts = urlsplit(f"//{bind}")
    # Threads, because the provider asks for the hub's keys while the hub waits for the provider.
    server = make_server(
        parts.hostname or "", parts.port or 0, application, threaded=True, request_handler=_Quiet
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _cpu_profile() -> Profile:
    return Profile(thread_time)  # CPU of the answering thread: what waits for the provider costs nothing


def _named(statement: str) -> str:
    """Name a statement by its verb and its first table."""
    verb = statement.split(maxsplit=1)[0].upper()
    table = _TABLE.search(statement)
    return f"{verb} {table[1]}" if table else verb


def _verify(id_token: str, published: KeySetSerialization) -> None:
    try:
        jwt.decode(id_token, KeySet.import_key_set(published), algorithms=["ES256"])
    except ValueError as error:
        raise JourneyFailedError("the ID token's signature is wrong") from error
