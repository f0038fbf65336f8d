"""Who computes where, and how much: one core for the hub, another for the rest, and each process's clock.

Linux only: elsewhere `MeasurementError` says so before anything is started.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.errors import MeasurementError

_PROC: Final = Path("/proc")
_SCHEDULED: Final = (
    2  # CPUCLOCK_SCHED of linux/include/linux/posix-timers.h: user and system time, in nanoseconds
)
_IDLE: Final = 3  # a column of /proc/stat, after the name
_WAITING: Final = 4  # for the disk
_KIB_IN_MIB: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """The cores that the hub may use, and those of the provider and the people; the same if there is one."""

    hub: frozenset[int]
    others: frozenset[int]

    @property
    def apart(self) -> bool:
        """Whether nobody can take time from the hub; only then do latencies mean anything."""
        return not self.hub & self.others


def share_cores(*, workers: int) -> Cores:
    """Give the hub one core per worker and everyone else the rest; at least one core is left to them."""
    if not _PROC.is_dir():
        raise MeasurementError("the benchmark reads /proc: run it on Linux")
    available = sorted(os.sched_getaffinity(0))
    if len(available) <= workers:
        return Cores(hub=frozenset(available), others=frozenset(available))
    return Cores(hub=frozenset(available[:workers]), others=frozenset(available[workers:]))


def idle_seconds(cores: frozenset[int]) -> float:
    """Give how long these cores together have had nothing to do, since the machine began."""
    ticks = 0
    for line in (_PROC / "stat").read_text(encoding="ascii").splitlines():
        name, *figures = line.split()
        if name.startswith("cpu") and name[3:].isdigit() and int(name[3:]) in cores:
            ticks += int(figures[_IDLE]) + int(figures[_WAITING])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def on_cores(cores: frozenset[int]) -> Iterator[None]:
    """Keep this thread, and what it starts, on these cores until the block ends."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def process_tree(root: int) -> tuple[int, ...]:
    """Give a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for directory in _PROC.glob("[0-9]*"):
        parent = _status(int(directory.name)).get("PPid")
        if parent is not None:
            children.setdefault(int(parent), []).append(int(directory.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return tuple(found)


def cpu_seconds(pids: tuple[int, ...]) -> float:
    """Give the user and system time that processes have used, threads that ended included.

    From each process's own clock (clock_getcpuclockid(3)), because /proc/<pid>/stat counts in ticks of 10 ms.
    """
    try:
        return sum(time.clock_gettime((~pid << 3) | _SCHEDULED) for pid in pids)
    except OSError as error:
        raise MeasurementError("a process of the hub ended while it was measured") from error


def resident_mib(pids: tuple[int, ...]) -> float:
    """Give the resident memory of the largest of these processes: of a hub's, its worker."""
    kib = [int(_status(pid).get("VmRSS", "0 kB").split()[0]) for pid in pids]
    return max(kib) / _KIB_IN_MIB


def _status(pid: int) -> dict[str, str]:
    try:
        lines = (_PROC / str(pid) / "status").read_text(encoding="utf-8").splitlines()
    except OSError:  # it has ended
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
