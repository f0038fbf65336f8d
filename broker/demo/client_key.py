"""A service's own signing key: made at the first start, kept in a file that only its owner can read.

The private key leaves this file for one purpose, client assertions (RFC 7523); the hub learns the public half
from the service's `/jwks`.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from broker.demo.errors import ServiceKeyError

ALGORITHM = "ES256"
FILE_NAME = "client-key.json"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def load_or_create(state_dir: Path) -> ECKey:
    """Give the service's key, the same one at every start.

    Raises ServiceKeyError when the file is no private P-256 key or other users may read it.
    """
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = state_dir / FILE_NAME
    try:
        # O_EXCL: two processes that start together cannot both write, and the mode holds from the first byte.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _load(path)
    key = ECKey.generate_key("P-256", private=True)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(key.as_dict(private=True, kid=key.thumbprint()), file)
    return _load(path)


def public_jwks(key: ECKey) -> dict[str, list[dict[str, str | list[str]]]]:
    """Give the key set to publish: the public half alone, with its use and algorithm; RFC 7517."""
    public = key.as_dict(private=False)
    return {"keys": [{**public, "use": "sig", "alg": ALGORITHM, "kid": key.thumbprint()}]}


def _load(path: Path) -> ECKey:
    if path.stat().st_mode & _OTHERS:
        raise ServiceKeyError(f"{path} is open to other users; run: chmod 600 {path}")
    try:
        key = ECKey.import_key(json.loads(path.read_text(encoding="utf-8")))
    except (JoseError, ValueError) as error:
        raise ServiceKeyError(f"{path} holds no private key; remove it and a new one is made") from error
    if not key.is_private or key.curve_name != "P-256":
        raise ServiceKeyError(f"{path} holds no private P-256 key; remove it and a new one is made")
    return key
