"""Sessions of a service, kept in its own memory: the browser holds a random name and nothing else.

One process serves a service, so memory is enough; a restart signs everybody out of the service, not of the
hub. Each service names its cookie after itself, because browsers send a cookie of `localhost` to every port.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

# One person in five spends over an hour at a provider and a journey lives three; the session must outlast it.
IDLE_SECONDS = 4 * 3600
_MOST_SESSIONS = 10_000


class ServerSideSession(dict[str, Any], SessionMixin):
    """What the service remembers about one browser; every request of that browser sees the same object."""

    modified = True

    def __init__(self, identifier: str | None = None) -> None:
        """Begin empty; a session without identifier has not been given to the browser yet."""
        super().__init__()
        self.identifier = identifier
        self.renewed = False

    def renew(self) -> None:
        """Give the session a new name, so that one planted before signing in is worthless."""
        self.renewed = True


class InMemorySessions(SessionInterface):
    """Keeps sessions by their random names; the oldest go first when there are too many."""

    def __init__(self, *, cookie_name: str, secure: bool) -> None:
        """Use `__Host-` where the browser would accept it, that is over https."""
        self.cookie_name = f"__Host-{cookie_name}" if secure else cookie_name
        self._secure = secure
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, ServerSideSession]] = OrderedDict()

    def open_session(self, app: Flask, request: Request) -> ServerSideSession:  # noqa: ARG002 - Flask calls it so
        """Give the browser's session, or an empty one for a browser that has none."""
        identifier = request.cookies.get(self.cookie_name)
        if identifier is None:
            return ServerSideSession()
        with self._lock:
            used_at, session = self._kept.pop(identifier, (0.0, None))
            if session is None or time.monotonic() - used_at > IDLE_SECONDS:
                return ServerSideSession()
            self._kept[identifier] = (time.monotonic(), session)
            return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Name a new session to the browser; forget an emptied one on both sides."""
        if not isinstance(session, ServerSideSession):
            return
        if not session:
            self._forget(session, response)
        elif session.identifier is None or session.renewed:
            self._name(session, response)

    def _forget(self, session: ServerSideSession, response: Response) -> None:
        if session.identifier is None:
            return
        with self._lock:
            self._kept.pop(session.identifier, None)
        session.identifier = None
        response.delete_cookie(self.cookie_name, path="/", secure=self._secure, httponly=True, samesite="Lax")

    def _name(self, session: ServerSideSession, response: Response) -> None:
        identifier = secrets.token_urlsafe(32)
        with self._lock:
            if session.identifier is not None:
                self._kept.pop(session.identifier, None)
            session.identifier, session.renewed = identifier, False
            self._kept[identifier] = (time.monotonic(), session)
            while len(self._kept) > _MOST_SESSIONS:
                self._kept.popitem(last=False)
        response.set_cookie(
            self.cookie_name, identifier, path="/", secure=self._secure, httponly=True, samesite="Lax"
        )
