"""Liveness and readiness: whether the process is there, and whether it can do its work.

Invariant: neither is ever turned away (`broker.admission`), so neither may cost much: readiness is looked at by one
request at a time, and what was found in order is not looked at again for a moment.
"""

from __future__ import annotations

import logging
import threading
import time
from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from broker.endpoints.protocol_answers import json_answer, refuse_in_json
from broker.hub import Hub
from broker.registry_revisions import NoRegistryError
from broker.schema import schema_serves
from broker.state.store import StoreUnavailableError

FRESH_SECONDS = 0.5
"""How long a worker that was ready is taken to be."""

_STALE_SECONDS = 10.0
_RETRY_SECONDS = "5"
_log = logging.getLogger(__name__)


def create_health_door(hub: Hub) -> Blueprint:
    """GET `/health/live` and `/health/ready`."""
    door = Blueprint("health", __name__)
    refuse_in_json(door)
    readiness = Readiness(hub)

    @door.get("/health/live")
    def live() -> Response:
        return json_answer({"status": "live"})

    @door.get("/health/ready")
    def ready() -> Response:
        failing = readiness.failing()
        if not failing:
            return json_answer({"status": "ready", "failing": failing})
        response = json_answer(
            {"status": "not ready", "failing": failing}, status=HTTPStatus.SERVICE_UNAVAILABLE
        )
        response.headers["Retry-After"] = _RETRY_SECONDS
        return response

    return door


class Readiness:
    """What keeps this worker from working: `database`, `schema`, `store`, `registry` or `keys`."""

    def __init__(self, hub: Hub) -> None:
        """Look at nothing yet."""
        self._hub = hub
        self._looking = threading.Lock()
        self._found: list[str] = []
        self._found_at = float("-inf")

    def failing(self) -> list[str]:
        """Name what fails; while somebody else is looking, what was found before, if that is not too old."""
        if self._is_fresh():
            return []
        if not self._looking.acquire(blocking=self._found_at == float("-inf")):
            # Whatever takes so long to answer does not answer.
            return self._found if time.monotonic() - self._found_at < _STALE_SECONDS else ["database"]
        try:
            if not self._is_fresh():
                self._found = _failing(self._hub)
                self._found_at = time.monotonic()
            return self._found
        finally:
            self._looking.release()

    def _is_fresh(self) -> bool:
        return not self._found and time.monotonic() - self._found_at < FRESH_SECONDS


def _failing(hub: Hub) -> list[str]:
    try:
        if not schema_serves(hub.database):
            return ["schema"]
        membership = hub.registry.current()
        hub.envelopes.store.check()
    except NoRegistryError:
        return ["registry"]
    except SQLAlchemyError:
        _log.exception("the database does not answer")
        return ["database"]
    except StoreUnavailableError:
        _log.exception("the short-lived store does not answer")
        return ["store"]
    needed = {service.id_token.signed for service in membership.federation.services.values()}
    missing = needed.difference(hub.signing.algorithms)
    if missing:
        _log.error("services need ID tokens under %s, and there is no active key", ", ".join(sorted(missing)))
        return ["keys"]
    return []
