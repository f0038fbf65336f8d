"""The same hub inside this process, so that what it does can be counted, timed step by step, and sampled.

Nothing here runs while the figures of CPU per journey are taken: watching costs, and this is another server. The
hub answers in the main thread, one request at a time, because only there Python runs signal handlers.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from cProfile import Profile
from dataclasses import dataclass, field
from time import thread_time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, KeySetSerialization
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from bench.citizen import Citizen
from bench.errors import BenchError, JourneyFailedError
from bench.federation import Federation, discover
from bench.samples import Stack, sampling
from bench.statements import listening
from bench.steps import Scenario, Step, step_of
from broker.app import create_app
from config.settings import load_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """How many journeys are watched in each way, one way after the other."""

    warm_up: int = 10
    timed: int = 60
    counted: int = 20
    called: int = 10

    @property
    def people(self) -> int:
        """How many people that takes."""
        return self.warm_up + self.timed + self.counted + self.called


@dataclass(slots=True, kw_only=True)
class Observation:
    """What was seen, in all the journeys of each pass; CPU in seconds, stacks innermost function first."""

    passes: Passes
    cpu: Counter[Step] = field(default_factory=Counter)
    stacks: Counter[tuple[Step, Stack]] = field(default_factory=Counter)
    statements: Counter[tuple[Step, str]] = field(default_factory=Counter)
    commits: Counter[Step] = field(default_factory=Counter)
    round_trips: Counter[Step] = field(default_factory=Counter)
    calls: Profile = field(default_factory=Profile)

    def cpu_ms(self, step: Step) -> float:
        """Give the CPU of the application itself, without the server around it."""
        return self.cpu[step] * 1000 / self.passes.timed

    def statements_of(self, step: Step) -> dict[str, float]:
        """Give the statements of a step by verb and table."""
        counts = self.statements.items()
        return {text: number / self.passes.counted for (at, text), number in counts if at is step}

    def commits_of(self, step: Step) -> float:
        """Give the commits of a step."""
        return self.commits[step] / self.passes.counted

    def round_trips_of(self, step: Step) -> float:
        """Give the calls of Redis of a step."""
        return self.round_trips[step] / self.passes.counted

    @property
    def statements_per_journey(self) -> float:
        """Give the statements of a journey."""
        return self.statements.total() / self.passes.counted

    @property
    def commits_per_journey(self) -> float:
        """Give the commits of a journey."""
        return self.commits.total() / self.passes.counted

    @property
    def round_trips_per_journey(self) -> float:
        """Give the calls of Redis of a journey."""
        return self.round_trips.total() / self.passes.counted


class _Observer:
    """Notes what happens while a step is being answered; what other threads do is not a journey's."""

    def __init__(self, passes: Passes) -> None:
        self.seen = Observation(passes=passes)
        self.timing = False
        self.calling = False
        self._thread = threading.get_ident()
        self._step: Step | None = None

    @property
    def step(self) -> Step | None:
        """The step that is being answered in this thread."""
        return self._step if threading.get_ident() == self._thread else None

    def around(self, application: WSGIApplication) -> WSGIApplication:
        """Wrap the hub's application."""

        def observed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            step = self._step = step_of(environ["REQUEST_METHOD"], environ["PATH_INFO"])
            began = thread_time()
            try:
                if step is not None and self.calling:
                    return self.seen.calls.runcall(application, environ, start_response)
                return application(environ, start_response)
            finally:
                if step is not None and self.timing:
                    self.seen.cpu[step] += thread_time() - began  # type: ignore[assignment]  # seconds
                self._step = None

        return observed

    def note_stack(self, stack: Stack) -> None:
        """Count a sample."""
        if self._step is not None:
            self.seen.stacks[self._step, stack] += 1

    def note_statement(self, text: str) -> None:
        """Count a statement."""
        if (step := self.step) is not None:
            self.seen.statements[step, text] += 1

    def note_commit(self) -> None:
        """Count a commit."""
        if (step := self.step) is not None:
            self.seen.commits[step] += 1

    def note_round_trip(self) -> None:
        """Count a call of Redis."""
        if (step := self.step) is not None:
            self.seen.round_trips[step] += 1

    @contextmanager
    def calls_counted(self) -> Iterator[None]:
        """Count every function call until the block ends."""
        self.calling = True
        try:
            yield
        finally:
            self.calling = False

    @contextmanager
    def steps_timed(self) -> Iterator[None]:
        """Time every step until the block ends."""
        self.timing = True
        try:
            yield
        finally:
            self.timing = False


def observe(federation: Federation, scenario: Scenario, people: Sequence[int], passes: Passes) -> Observation:
    """Send people through a hub in this process; `passes.people` of them. Call it in the main thread.

    The state directory is one that a hub has run on, with this provider. The ID tokens of the warm-up are
    verified. Raises `JourneyFailedError`.
    """
    observer = _Observer(passes)
    application = create_app(load_settings(federation.settings))
    published: KeySetSerialization = application.test_client().get("/jwks").get_json()
    server = _server(observer.around(application.wsgi_app), federation.hub_bind)

    def drive() -> None:
        citizen = Citizen(discover(federation), scenario)
        attempts = (federation.service.attempt(person, scenario) for person in people)
        for _ in range(passes.warm_up):
            _verify(citizen.sign_in(next(attempts)).id_token, published)
        for journeys, watching in (
            (passes.timed, observer.steps_timed()),
            (
                passes.counted,
                listening(observer.note_statement, observer.note_commit, observer.note_round_trip),
            ),
            (passes.called, observer.calls_counted()),
        ):
            with watching:
                for _ in range(journeys):
                    citizen.sign_in(next(attempts))
        citizen.close()

    with ExitStack() as stack:
        stack.callback(server.server_close)
        stack.enter_context(sampling(observer.note_stack, wanted=lambda: observer.timing))
        _serve_while(server, drive)
    return observer.seen


class _Quiet(WSGIRequestHandler):
    """Writes no log; closes each connection, so that one thread can answer everybody."""

    def log(self, *_message: object) -> None:
        """Say nothing."""


def _server(application: WSGIApplication, bind: str) -> BaseWSGIServer:
    parts = urlsplit(f"//{bind}")
    return make_server(parts.hostname or "", parts.port or 0, application, request_handler=_Quiet)


def _serve_while(server: BaseWSGIServer, drive: Callable[[], None]) -> None:
    failures: list[BenchError] = []

    def work() -> None:
        try:
            drive()
        except BenchError as error:
            failures.append(error)
        finally:
            server.shutdown()

    driver = threading.Thread(target=work, daemon=True)
    driver.start()
    server.serve_forever(poll_interval=0.05)
    driver.join()
    if failures:
        raise failures[0]


def _verify(id_token: str, published: KeySetSerialization) -> None:
    try:
        jwt.decode(id_token, KeySet.import_key_set(published), algorithms=["ES256"])
    except ValueError as error:
        raise JourneyFailedError("the ID token's signature is wrong") from error
