"""Synthetic public keys as registrations hold them; the private parts are made here and forgotten."""

from __future__ import annotations

import functools
from typing import Any

from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

Jwk = dict[str, Any]


@functools.cache
def _made(kind: str, size: str | int) -> tuple[Any, ...]:
    if kind == "RSA":
        return (RSAKey.generate_key(int(size), auto_kid=False),)
    if kind == "OKP":
        return (OKPKey.generate_key(str(size), auto_kid=False),)  # type: ignore[arg-type]
    return (ECKey.generate_key(str(size), auto_kid=False),)


def a_public_key(kind: str = "EC", size: str | int = "P-256", **members: object) -> Jwk:
    (key,) = _made(kind, size)
    return {"kid": "one", **key.as_dict(private=False), **members}


def a_private_key(kind: str = "EC", size: str | int = "P-256") -> Jwk:
    (key,) = _made(kind, size)
    return {"kid": "one", **key.as_dict(private=True)}


def a_symmetric_key() -> Jwk:
    return {"kid": "one", **OctKey.generate_key(256).as_dict(private=True)}
