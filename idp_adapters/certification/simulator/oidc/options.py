"""What a simulated OpenID Provider is told at its start: whom it trusts, and which side doors are open."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from idp_adapters.certification.simulator.errors import IssuerError


@dataclass(frozen=True, slots=True, kw_only=True)
class StubOptions:
    """Everything beside the issuer; the defaults accept any client, as a test tool should.

    client_id, redirect_uris: when given, every other client or redirect URI is refused.
    client_jwks_uri: where the client's keys are; without it, `/jwks` at the origin of its redirect URI.
    ca_bundle: the authorities to trust when the client's keys are fetched; without it, the usual ones.
    client_secret: the only secret accepted with `client_secret_basic`; without it, any.
    silent_sign_in: somebody signed in here already is not asked again unless the request demands it.
    record: keep every request for `GET /received`.
    slow_seconds: how long the token endpoint drips for the outcome `slow`.
    """

    client_id: str | None = None
    redirect_uris: tuple[str, ...] = ()
    client_jwks_uri: str | None = None
    ca_bundle: Path | None = None
    client_secret: str | None = field(default=None, repr=False)
    silent_sign_in: bool = False
    record: bool = False
    slow_seconds: float = 15.0


def parse_issuer(value: str) -> str:
    """Accept an issuer identifier as it is or not at all; Discovery 1.0 §3. Raises `IssuerError`."""
    try:
        parts = urlsplit(value)
        usable = (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
        )
    except ValueError as error:
        raise IssuerError("The issuer is not a URL.", detail=f"issuer {value!r:.200}") from error
    if not usable or value.endswith("/") or "?" in value or "#" in value:
        raise IssuerError(
            "The issuer must be an http or https URL without trailing slash, query or fragment.",
            detail=f"issuer {value!r:.200}",
        )
    return value
