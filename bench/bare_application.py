"""An empty Flask application served as the hub is: what a request costs before anybody does anything.

python -m bench.bare_application 127.0.0.1 8500
"""

from __future__ import annotations

import sys

from flask import Flask
from granian import Granian
from granian.constants import Interfaces


def _load(_target: str) -> Flask:
    application = Flask("bare")

    @application.get("/health/ready")
    def nothing() -> str:
        return "ready"

    return application


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM."""
    Granian(
        "bare",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        websockets=False,
        log_enabled=False,
    ).serve(target_loader=_load)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
