"""What every answer tells the browser not to do.

Invariant: no page of the hub runs a script, loads anything from elsewhere, can be framed, or is named in a
Referer. The pages need no script at all, so the policy allows none and there is no nonce to keep secret.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from broker.pages.errors import FormTargetError

Headers = tuple[tuple[str, str], ...]

_SOURCE = re.compile(r"(https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?|[a-z][a-z0-9+.-]*:)")

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)

_ALWAYS: Headers = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    # Browsers from before frame-ancestors.
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Permissions-Policy",
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
)

_TRANSPORT: Headers = (("Strict-Transport-Security", "max-age=31536000"),)


def form_target(url: str) -> str:
    """Return what `form-action` must name so that a form may end up at this address after redirects.

    That is the address's origin, or for an app's own scheme (RFC 8252 7.1) the scheme alone.

    Raises:
        FormTargetError: for an address that has no such form, so that it cannot smuggle a directive into the
        policy.

    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise FormTargetError(detail=f"not an address: {url[:100]!r}") from error
    if parts.scheme not in {"http", "https"}:
        return _checked(f"{parts.scheme}:")
    host = f"[{host}]" if ":" in host else host
    return _checked(f"{parts.scheme}://{host}" if port is None else f"{parts.scheme}://{host}:{port}")


def content_security_policy(form_targets: tuple[str, ...] = ()) -> str:
    """Return the policy for a page whose form may, after redirects, end up at these origins (CSP level 3).

    Chrome applies `form-action` to every redirect that follows a submitted form.

    Raises:
        FormTargetError: when a target is not an origin or a scheme.

    """
    return " ".join((_POLICY, *(_checked(target) for target in dict.fromkeys(form_targets))))


def security_headers(*, https: bool, form_targets: tuple[str, ...] = ()) -> Headers:
    """Return the headers of a page that has to do with a person: never stored, framed or referred to."""
    return (
        ("Content-Security-Policy", content_security_policy(form_targets)),
        ("Cache-Control", "no-store"),
        *_ALWAYS,
        *(_TRANSPORT if https else ()),
    )


def public_page_headers(*, https: bool) -> Headers:
    """Return the headers of a page that is the same for everybody in one language."""
    return (
        ("Content-Security-Policy", content_security_policy()),
        ("Cache-Control", "private, no-cache"),
        ("Vary", "Accept-Language, Cookie"),
        *_ALWAYS,
        *(_TRANSPORT if https else ()),
    )


def asset_headers(*, https: bool) -> Headers:
    """Return the headers of a file whose name changes with its content: kept for a year."""
    return (
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
        ("Cache-Control", "public, max-age=31536000, immutable"),
        ("Vary", "Accept-Encoding"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        *(_TRANSPORT if https else ()),
    )


def _checked(source: str) -> str:
    if not _SOURCE.fullmatch(source):
        raise FormTargetError(detail=f"not an origin or a scheme that a form may lead to: {source[:100]!r}")
    return source
