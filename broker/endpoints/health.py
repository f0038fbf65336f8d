"""Liveness and readiness: whether the process is there, and whether it can do its work."""

from __future__ import annotations

import logging

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from broker.endpoints.protocol_answers import json_answer
from broker.hub import Hub
from broker.registry_revisions import NoRegistryError
from broker.schema import schema_is_current
from broker.state.store import StoreUnavailableError

_log = logging.getLogger(__name__)


def create_health_door(hub: Hub) -> Blueprint:
    """GET `/health/live` and `/health/ready`."""
    door = Blueprint("health", __name__)

    @door.get("/health/live")
    def live() -> Response:
        return json_answer({"status": "live"})

    @door.get("/health/ready")
    def ready() -> Response:
        failing = _failing(hub)
        body = {"status": "ready" if not failing else "not ready", "failing": failing}
        return json_answer(body, status=503 if failing else 200)

    return door


def _failing(hub: Hub) -> list[str]:
    try:
        if not schema_is_current(hub.database):
            return ["schema"]
        hub.registry.current()
        hub.envelopes.store.check()
    except NoRegistryError:
        return ["registry"]
    except SQLAlchemyError:
        _log.exception("the database does not answer")
        return ["database"]
    except StoreUnavailableError:
        _log.exception("the short-lived store does not answer")
        return ["store"]
    return []
