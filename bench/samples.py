"""Where the CPU goes: the main thread's stack, looked at each time the process has computed a little more.

A signal interrupts by CPU used, not by calls made, so a sample costs what it shows hardly anything; a C function
is charged to the Python function that called it.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Final

_EVERY_SECONDS: Final = 0.001  # the kernel's own tick, often 4 ms, is the finest that it can do

Stack = tuple[CodeType, ...]


@contextmanager
def sampling(on_stack: Callable[[Stack], None], *, wanted: Callable[[], bool]) -> Iterator[None]:
    """Tell the main thread's stack, innermost function first, while `wanted`; in the main thread only."""

    def look(_number: int, frame: FrameType | None) -> None:
        if not wanted():
            return
        stack = []
        while frame is not None:
            stack.append(frame.f_code)
            frame = frame.f_back
        on_stack(tuple(stack))

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
