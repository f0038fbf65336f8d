"""Every way in which a benchmark, or one journey of it, can fail.

A failed journey is counted by its message and the run goes on; the others end it with that message.
"""

from __future__ import annotations


class BenchError(Exception):
    """The root of this package's errors; its text is for whoever runs the benchmark."""


class MeasurementError(BenchError):
    """This machine does not tell what is to be measured."""


class NotOfferedError(BenchError):
    """The engine, scenario or size asked for does not exist (yet)."""


class JourneyFailedError(BenchError):
    """A journey did not go as its scenario says; the text names the step and what came instead."""
