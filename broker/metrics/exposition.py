"""Metrics given to whoever scrapes them: a process of its own on an address of its own, which adds up all workers.

Invariant: it answers `GET /metrics` and nothing else, never on the hub's own address; it outlives no hub, and what
it cannot find out is left out of an answer rather than keeping it back.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from wsgiref.simple_server import WSGIRequestHandler, make_server

from sqlalchemy.exc import SQLAlchemyError

from audit.journal import newest_position
from broker.admission import Environ, StartResponse
from broker.database import Database
from broker.metrics.instruments import DIRECTORY_VARIABLE

if TYPE_CHECKING:
    from prometheus_client import Metric

PATH: Final = "/metrics"
# In memory: metrics are written all the time, need not survive, and must not fail where a disk is full.
_MEMORY: Final = Path("/dev/shm")  # noqa: S108  # a directory of our own is made in it
_PATIENCE_SECONDS: Final = 5.0
_ENDED: Final = "Z"
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsAddress:
    """Where to listen: a numeric host, and a port."""

    host: str
    port: int


@contextmanager
def metrics_exposed(address: MetricsAddress, database_url: str) -> Iterator[Path]:
    """Give metrics until the block ends; gives the directory that workers write to.

    To be entered before any worker is started, by their parent.
    """
    directory = Path(
        tempfile.mkdtemp(prefix="countersign-metrics-", dir=_MEMORY if _MEMORY.is_dir() else None)
    )
    process = multiprocessing.get_context("fork").Process(
        target=_expose, args=(address, directory, database_url), name="metrics", daemon=True
    )
    process.start()
    try:
        yield directory
    finally:
        process.terminate()
        process.join(_PATIENCE_SECONDS)
        shutil.rmtree(directory, ignore_errors=True)


def _expose(address: MetricsAddress, directory: Path, database_url: str) -> None:
    """Serve until the parent says so, or is gone; Ctrl-C at a terminal is the parent's to act on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _leave_with_parent()
    os.environ[DIRECTORY_VARIABLE] = str(directory)
    # Loaded only now, as in the workers.
    from prometheus_client import CollectorRegistry, make_wsgi_app  # noqa: PLC0415
    from prometheus_client.exposition import ThreadingWSGIServer  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    class Server(ThreadingWSGIServer):
        address_family = socket.AF_INET6 if ":" in address.host else socket.AF_INET

    registry = CollectorRegistry()
    registry.register(WorkerCollector(directory, os.getppid()))
    MultiProcessCollector(registry, str(directory))  # type: ignore[no-untyped-call]
    registry.register(JournalCollector(Database(database_url, connections=1)))
    metrics = make_wsgi_app(registry)

    def only_metrics(environ: Environ, start_response: StartResponse) -> Any:  # noqa: ANN401 - PEP 3333
        if environ.get("PATH_INFO") == PATH:
            return metrics(environ, start_response)
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"only /metrics is here\n"]

    make_server(address.host, address.port, only_metrics, Server, _Quiet).serve_forever()


class WorkerCollector:
    """The workers that are alive, and the memory they hold; forgets what the dead last said of themselves."""

    def __init__(self, directory: Path, parent: int) -> None:
        """Look at the workers of `parent` that write into `directory`."""
        self._directory = directory
        self._parent = parent

    def collect(self) -> Iterator[Metric]:
        """Must come before the workers' own files are read."""
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

        alive, resident = 0, 0
        for pid in {int(path.stem.rpartition("_")[2]) for path in self._directory.glob("*.db")}:
            pages = self._resident_pages(pid)
            if pages is None:
                mark_process_dead(pid, str(self._directory))  # type: ignore[no-untyped-call]
                continue
            alive += 1
            resident += pages * _PAGE_BYTES
        yield GaugeMetricFamily("countersign_workers", "Worker processes that are alive", value=alive)
        yield GaugeMetricFamily(
            "countersign_workers_resident_bytes", "Memory that the workers hold together", value=resident
        )

    def _resident_pages(self, pid: int) -> int | None:
        """Pages in memory of a worker of ours; None when it is gone, even if another program has its number now."""
        process = Path("/proc") / str(pid)
        try:
            state, parent = process.joinpath("stat").read_text().rpartition(")")[2].split()[:2]
            pages = process.joinpath("statm").read_text().split()[1]
        except (OSError, ValueError, IndexError):
            return None
        return int(pages) if int(parent) == self._parent and state != _ENDED else None


class JournalCollector:
    """How far the audit journal has come."""

    def __init__(self, database: Database) -> None:
        """Read from a database, at each scrape."""
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Nothing, when the database does not answer."""
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        try:
            with self._database.reading() as connection:
                position = newest_position(connection)
        except SQLAlchemyError:
            return
        yield GaugeMetricFamily(
            "countersign_audit_journal_position",
            "Position of the newest audit entry: how many there are, but for gaps that transactions left",
            value=position,
        )


class _Quiet(WSGIRequestHandler):
    """Logs no request: scrapers come all the time."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait_and_leave() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait_and_leave, name="watch-parent", daemon=True).start()
