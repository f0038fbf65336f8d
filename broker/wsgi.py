"""The hub as a WSGI application, for granian's workers or for another server: `broker.wsgi:create_application()`.

Whoever serves it has seen to the database's schema, the keys and the registry, as `countersign serve` does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flask import Flask

from broker.admission import SWITCH_SECONDS, Places
from broker.app import DEFAULT_PLACES, create_app
from broker.clock import system_clock
from broker.logs import configure_logs
from broker.purging import purge_in_the_background
from config.settings import Environment, load_settings


def create_application(places: Places = DEFAULT_PLACES, metrics: Path | None = None) -> Flask:
    """Build the hub that the environment describes; raises `SettingsError` and what `create_app` raises.

    `places` is how many requests it takes on at a time: another server than ours needs `places.threads` threads.
    `metrics` is the directory of `broker.metrics.exposition`.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    settings = load_settings(os.environ)
    configure_logs(readable=settings.environment is Environment.LOCAL)
    application = create_app(settings, client_secrets=os.environ, places=places, metrics=metrics)
    purge_in_the_background(application.extensions["countersign"].database, system_clock)
    return application
