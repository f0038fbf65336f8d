"""An empty Flask application served as the hub is: what a request costs before anybody does anything.

python -m bench.bare_application 127.0.0.1:8500
"""

from __future__ import annotations

import sys

from flask import Flask

from broker.serving import parse_bind_address, serve


def create_bare_application() -> Flask:
    """Build an application with one address that does nothing."""
    application = Flask("bare")

    @application.get("/health/ready")
    def nothing() -> str:
        return "ready"

    return application


if __name__ == "__main__":
    serve(parse_bind_address(sys.argv[1]), create_bare_application)
