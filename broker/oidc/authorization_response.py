"""The answer to an authorization request: a code or an error, at the redirect URI that the client registered.

Invariant: parameters are appended to the URI exactly as registered; every answer carries `iss` (RFC 9207) and
the request's `state`; an error carries `error`, `error_description`, `error_uri` and nothing else.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from broker.oidc.errors import ReturnAddress
from broker.outcomes import Outcome


def success_url(to: ReturnAddress, *, issuer: str, code: str) -> str:
    """Where the browser goes with a code (RFC 6749 §4.1.2)."""
    return _appended(to, [("code", code), ("iss", issuer)])


def error_url(
    to: ReturnAddress, *, issuer: str, error: str, description: str, outcome: Outcome, reference: str
) -> str:
    """Where the browser goes with an error (RFC 6749 §4.1.2.1); `error_uri` names the outcome and the journey."""
    return _appended(
        to,
        [
            ("error", error),
            ("error_description", description),
            ("error_uri", f"{issuer}/outcomes/{outcome}?journey={reference}"),
            ("iss", issuer),
        ],
    )


def _appended(to: ReturnAddress, parameters: list[tuple[str, str]]) -> str:
    if to.state is not None:
        parameters = [*parameters, ("state", to.state)]
    separator = "&" if "?" in to.redirect_uri else "?"
    return f"{to.redirect_uri}{separator}{urlencode(parameters, quote_via=quote)}"
