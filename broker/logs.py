"""The hub's own log: one JSON object for each line, so that no value can forge a second one (attack A-AU-05).

Invariant: messages name services, providers, outcomes and reasons; never a person, a token, a code or an address.
On a local hub the same events are written for reading.
"""

from __future__ import annotations

import logging
import sys

import structlog


def configure_logs(*, readable: bool, level: int = logging.INFO) -> None:
    """Send every logger of this process to standard error; `readable` is for a person at a terminal."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=False) if readable else structlog.processors.JSONRenderer()
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
