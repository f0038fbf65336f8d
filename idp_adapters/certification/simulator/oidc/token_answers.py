"""How the token endpoint says what it has to say: well, or as badly as the outcome asks; attack A-OP-02."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

from flask import Response

from idp_adapters.certification.simulator.oidc.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_adapters.certification.simulator.oidc.provider import TokenResponse

_DRIP_SECONDS: Final = 0.5
_ENDLESS_BYTES: Final = 64 * 1024 * 1024
_CHUNK: Final = b" " * (64 * 1024)
_MAINTENANCE_PAGE: Final = (
    "<!doctype html><html lang=en><title>Maintenance</title><h1>We are down for maintenance</h1></html>"
)
_JSON: Final = "application/json"


def token_answer(response: TokenResponse, *, slow_seconds: float) -> Response:
    """Give the HTTP response; only the outcomes below touch it, all others are in the tokens."""
    body = json.dumps(response.document, separators=(",", ":")).encode()
    answer = Response(body, mimetype=_JSON)
    match response.outcome:
        case Outcome.SLOW:
            answer = Response(_drip(body, slow_seconds), mimetype=_JSON)
        case Outcome.ENDLESS:
            answer = Response(_flood(), mimetype=_JSON)
        case Outcome.SERVER_ERROR:
            answer = Response("Internal Server Error", status=500, mimetype="text/plain")
        case Outcome.GARBAGE:
            answer = Response(_MAINTENANCE_PAGE, mimetype="text/html")
        case Outcome.TRUNCATED:
            answer = Response(body[: len(body) // 2], mimetype=_JSON)
        case Outcome.WRONG_CHARSET:
            answer = Response(body.decode().encode("utf-16"), content_type="application/json; charset=utf-8")
        case _:
            pass
    return answer


def _drip(body: bytes, seconds: float) -> Iterator[bytes]:
    """Send a blank now and then, which JSON allows, so that no single read waits long but the whole does."""
    end = time.monotonic() + seconds
    while (remaining := end - time.monotonic()) > 0:
        yield b" "
        time.sleep(min(_DRIP_SECONDS, remaining))
    yield body


def _flood() -> Iterator[bytes]:
    """Send far more than any token response needs, though not for ever: a careless client survives it."""
    for _ in range(_ENDLESS_BYTES // len(_CHUNK)):
        yield _CHUNK
