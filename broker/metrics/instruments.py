"""The hub's metrics: which there are, what their labels may be, and how they are counted.

Invariant: every label's values are a closed vocabulary or come from the registry or the routing table, so their number
is bounded whoever calls; none says anything about a person, and a path or an address is never one.

One worker writes into files of its own under a directory; `broker.metrics.exposition` adds them up. A count costs
about 1 µs, an observation 2.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from audit.entry import Event
from broker.admission import Line
from broker.events import IdentityReceived, IdentityRefused, JourneyCompleted, JourneyEnded
from broker.outcomes import Outcome
from idp_adapters.outbound.calls import Call

if TYPE_CHECKING:
    from prometheus_client import Histogram

DIRECTORY_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""How prometheus-client is told where workers write; it looks when it is first imported."""

_REQUESTS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_STORES: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0)
_SAMPLE_SECONDS: Final = 1.0
_SERVICE_KEYS: Final = "service-keys"


class Instruments:
    """Every metric of one worker; safe for many threads. It is a `Meter`."""

    def __init__(self, directory: Path) -> None:
        """Write into `directory`, which whoever gives the metrics reads; only one can be made in a process."""
        os.environ[DIRECTORY_VARIABLE] = str(directory)
        # Loaded only now: the library decides at its import whether it is one of several processes.
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram  # noqa: PLC0415

        registry = CollectorRegistry()
        self._request_seconds = Histogram(
            "countersign_request_seconds",
            "Time from accepting a request to its answer, by endpoint and status",
            ("endpoint", "status"),
            buckets=_REQUESTS,
            registry=registry,
        )
        self._in_flight = Gauge(
            "countersign_requests_in_flight",
            "Requests being worked on, and waiting in line, sampled every second",
            ("state",),
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._events = Counter(
            "countersign_events", "Audit entries of the broker's own, by kind", ("kind",), registry=registry
        )
        self._journeys_ended = Counter(
            "countersign_journeys_ended",
            "Journeys that ended with an answer for their service, by outcome and responsible party",
            ("outcome", "party"),
            registry=registry,
        )
        self._provider_answers = Counter(
            "countersign_provider_answers",
            "What came of sign-ins at each provider; completed: an identity good enough for the service",
            ("provider", "outcome"),
            registry=registry,
        )
        self._call_seconds = Histogram(
            "countersign_provider_call_seconds",
            "Calls to providers, and for services' keys, by how they ended",
            ("provider", "result"),
            buckets=_REQUESTS,
            registry=registry,
        )
        self._breaker_open = Gauge(
            "countersign_provider_breaker_open",
            "Workers that have stopped calling a provider because its last calls failed",
            ("provider",),
            multiprocess_mode="livesum",
            registry=registry,
        )
        database_seconds = Histogram(
            "countersign_database_seconds",
            "Transactions from their beginning to their commit, and reads, waiting for a connection included",
            ("operation",),
            buckets=_STORES,
            registry=registry,
        )
        store_seconds = Histogram(
            "countersign_store_seconds",
            "Calls to the short-lived store, where it is not the database",
            ("operation",),
            buckets=_STORES,
            registry=registry,
        )
        self._by_request: dict[tuple[str, str], Histogram] = {}
        self.transaction_ended = database_seconds.labels("transaction").observe
        self.read_ended = database_seconds.labels("read").observe
        self.store_written = store_seconds.labels("write").observe
        self.store_read = store_seconds.labels("read").observe

    def watch(self, line: Line) -> None:
        """Sample a line for as long as this process lives, so that no request pays for it."""

        def sample() -> None:
            at_work, waiting = self._in_flight.labels("at_work"), self._in_flight.labels("waiting")
            while True:
                at_work.set(line.at_work)
                waiting.set(line.waiting)
                time.sleep(_SAMPLE_SECONDS)

        threading.Thread(target=sample, name="sample-line", daemon=True).start()

    def request_ended(self, endpoint: str, status: str, seconds: float) -> None:
        """A request was answered."""
        child = self._by_request.get((endpoint, status))
        if child is None:
            child = self._by_request[endpoint, status] = self._request_seconds.labels(endpoint, status)
        child.observe(seconds)

    def journalled(self, events: Sequence[Event]) -> None:
        """These events were committed."""
        for event in events:
            self._events.labels(event.kind).inc()
            if isinstance(event, JourneyEnded):
                self._journeys_ended.labels(event.outcome.value, event.party.value).inc()
            elif isinstance(event, JourneyCompleted):
                self._journeys_ended.labels(Outcome.COMPLETED.value, Outcome.COMPLETED.party.value).inc()
            elif isinstance(event, IdentityRefused):
                self._provider_answers.labels(event.provider, event.outcome.value).inc()
            elif isinstance(event, IdentityReceived):
                self._provider_answers.labels(event.provider, Outcome.COMPLETED.value).inc()

    def called(self, call: Call) -> None:
        """A call to a provider ended; fetching a service's keys counts under one name for all of them."""
        name = _SERVICE_KEYS if call.provider.startswith(_SERVICE_KEYS) else call.provider
        self._call_seconds.labels(name, call.result.value).observe(call.seconds)
        if name != _SERVICE_KEYS:
            self._breaker_open.labels(name).set(call.failing)
