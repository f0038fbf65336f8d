"""A relying service's side: keys of every kind, and assertions that are right but for one difference."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from tests.broker.builders import ISSUER, NOW

EC_KEY = ECKey.generate_key("P-256", {"kid": "ec-1"})
OTHER_EC_KEY = ECKey.generate_key("P-256", {"kid": "ec-2"})
RSA_KEY = RSAKey.generate_key(2048, {"kid": "rsa-1"})
ED_KEY = OKPKey.generate_key("Ed25519", {"kid": "ed-1"})
ALL_KEYS = (EC_KEY, RSA_KEY, ED_KEY)


class AnyHeader(JWSRegistry):
    """Signs what a careless or hostile client would, without complaint."""

    max_header_length = 100_000


def weak_rsa_jwk() -> dict[str, str]:
    modulus = rsa.generate_private_key(65537, 1024).public_key().public_numbers().n  # noqa: S505, to be refused
    encoded = base64.urlsafe_b64encode(modulus.to_bytes(128)).rstrip(b"=").decode()
    return {"kty": "RSA", "kid": "rsa-weak", "n": encoded, "e": "AQAB"}


def jwks_of(*keys: Key, **members: object) -> dict[str, list[dict[str, object]]]:
    return {"keys": [{**key.as_dict(private=False), **members} for key in keys]}


def signed(claims: object, key: Key = EC_KEY, algorithm: str = "ES256", **header: Any) -> str:  # noqa: ANN401, whatever a client may write
    registry = AnyHeader(algorithms=[algorithm], strict_check_header=False)
    members = {"alg": algorithm, "kid": key.kid, **header}
    return jws.serialize_compact(
        {name: value for name, value in members.items() if value is not None},
        json.dumps(claims).encode(),
        key,
        registry=registry,
    )


def assertion_claims(**differences: object) -> dict[str, object]:
    moment = int(NOW.timestamp())
    members: dict[str, object] = {
        "iss": "fishing-licence",
        "sub": "fishing-licence",
        "aud": ISSUER,
        "exp": moment + 60,
        "iat": moment,
        "jti": "jti-1",
    }
    return {name: value for name, value in (members | differences).items() if value is not None}
