"""A hub's worker process, as the machine sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.running_hub import HUB, RunningHub

_KIB_PER_MIB = 1024


@dataclass(frozen=True, slots=True)
class Worker:
    """One process by its number."""

    pid: int

    @property
    def resident_mib(self) -> float:
        """Memory that it holds."""
        return int(self._status("VmRSS")) / _KIB_PER_MIB

    @property
    def threads(self) -> int:
        """Threads that it has."""
        return int(self._status("Threads"))

    def _status(self, field: str) -> str:
        lines = Path("/proc", str(self.pid), "status").read_text().splitlines()
        return next(line.split()[1] for line in lines if line.startswith(f"{field}:"))


def workers_of(hub: RunningHub) -> list[Worker]:
    """Every process that the hub's own has started."""
    parent = hub.group[HUB].process.pid
    return [Worker(int(pid)) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def worker_of(hub: RunningHub) -> Worker:
    """The worker of a hub that has one."""
    (worker,) = workers_of(hub)
    return worker
