"""The browser's side of a journey: which cookies it holds, and whether a form came from our own page.

Invariant: a journey or session is reached only through its own cookie; a cookie's value is a handle of ours or it is
not there. With TLS every cookie is `__Host-`, Secure, HttpOnly and SameSite=Lax (attack A-JS-01).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from broker.journeys.journey import AFTERWARDS, JOURNEY_LIFE
from broker.journeys.reference import REFERENCE
from broker.state.handles import Handle, HandleError

MOST_JOURNEYS = 10
"""Journeys that one browser may have open; the oldest cookie makes way."""

_JOURNEY_SECONDS = int((JOURNEY_LIFE + AFTERWARDS).total_seconds())


class ForeignFormError(Exception):
    """A form was not sent from our own page by the browser that holds the journey (attack A-JS-04)."""


class OutdatedFormError(ForeignFormError):
    """A form without this journey's token: most often our own page from before the journey's handle was replaced."""


@dataclass(frozen=True, slots=True)
class Cookies:
    """The hub's cookies; `secure` is False only for a local hub on plain HTTP."""

    secure: bool

    @property
    def _prefix(self) -> str:
        return "__Host-" if self.secure else "countersign-"

    def _journey_name(self, reference: str) -> str:
        return f"{self._prefix}journey-{reference}"

    @property
    def _session_name(self) -> str:
        return f"{self._prefix}session"

    def journey(self, request: Request, reference: str) -> Handle | None:
        """The handle that this browser holds for one journey."""
        return _handle(request.cookies.get(self._journey_name(reference)))

    def journeys(self, request: Request) -> Mapping[str, Handle]:
        """Every journey that this browser holds, by reference; of too many, some."""
        held: dict[str, Handle] = {}
        prefix = self._journey_name("")
        for name, value in request.cookies.items():
            reference = name.removeprefix(prefix)
            handle = _handle(value) if name.startswith(prefix) and REFERENCE.fullmatch(reference) else None
            if handle is not None:
                held[reference] = handle
                if len(held) >= 2 * MOST_JOURNEYS:
                    break
        return held

    def session(self, request: Request) -> Handle | None:
        """The handle of the hub session, if the browser holds one."""
        return _handle(request.cookies.get(self._session_name))

    def bind_journey(self, request: Request, response: Response, reference: str, handle: Handle) -> None:
        """Give the browser a journey's handle; too many open journeys push out the oldest."""
        others = [held for held in self.journeys(request) if held != reference]
        for crowded_out in others[: max(0, len(others) - MOST_JOURNEYS + 1)]:
            response.delete_cookie(
                self._journey_name(crowded_out), secure=self.secure, httponly=True, samesite="Lax"
            )
        self._set(response, self._journey_name(reference), handle, max_age=_JOURNEY_SECONDS)

    def bind_session(self, response: Response, handle: Handle) -> None:
        """Give the browser a session's handle; it forgets it when it is closed."""
        self._set(response, self._session_name, handle, max_age=None)

    def _set(self, response: Response, name: str, handle: Handle, *, max_age: int | None) -> None:
        response.set_cookie(
            name, str(handle), max_age=max_age, path="/", secure=self.secure, httponly=True, samesite="Lax"
        )


def check_own_form(request: Request, issuer: str, handle: Handle, purpose: str) -> None:
    """The form is ours: token of this journey, and no foreign Origin; raises `ForeignFormError`.

    Its kind `OutdatedFormError` says that only the token is not this journey's, as after the back button.

    Under `Referrer-Policy: no-referrer` browsers send `Origin: null` with our own forms, so that value alone proves
    nothing; `Sec-Fetch-Site`, where the browser sends it, must say that the form came from here.
    """
    origin = request.headers.get("Origin")
    if origin not in {None, "null", _origin(issuer)}:
        raise ForeignFormError
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise ForeignFormError
    if not handle.token_matches(purpose, request.form.get("form_token", "")):
        raise OutdatedFormError


def _origin(issuer: str) -> str:
    scheme, _, rest = issuer.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _handle(text: str | None) -> Handle | None:
    try:
        return None if text is None else Handle.parse(text)
    except HandleError:
        return None
