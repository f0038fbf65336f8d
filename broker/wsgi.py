"""The hub as a WSGI application, for granian's workers or for another server: `broker.wsgi:create_application()`.

Whoever serves it has seen to the database's schema, the keys and the registry, as `countersign serve` does.
"""

from __future__ import annotations

import os

from flask import Flask

from broker.app import create_app
from config.settings import load_settings


def create_application() -> Flask:
    """Build the hub that the environment describes; raises `SettingsError` and what `create_app` raises."""
    return create_app(load_settings(os.environ), client_secrets=os.environ)
