"""The hub as a WSGI application, for granian's workers or for another server: `broker.wsgi:create_application()`.

Whoever serves it has seen to the database's schema, the keys and the registry, as `countersign serve` does.
"""

from __future__ import annotations

import os

from flask import Flask

from broker.app import create_app
from broker.clock import system_clock
from broker.logs import configure_logs
from broker.purging import purge_in_the_background
from config.settings import Environment, load_settings


def create_application() -> Flask:
    """Build the hub that the environment describes; raises `SettingsError` and what `create_app` raises."""
    settings = load_settings(os.environ)
    configure_logs(readable=settings.environment is Environment.LOCAL)
    application = create_app(settings, client_secrets=os.environ)
    purge_in_the_background(application.extensions["countersign"].database, system_clock)
    return application
