"""Tokens made by hand, because no library should be able to make most of these; and the refusal they must meet."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from idp_adapters.errors import UntrustedAnswerError
from tests.idp_adapters.oidc.scripted_provider import (
    NOW,
    PROVIDER_KEY,
    ScriptedProvider,
)

SECOND = int(NOW.timestamp())
STRANGER_KEY = ec.generate_private_key(ec.SECP256R1())


def refused(provider: ScriptedProvider, match: str) -> UntrustedAnswerError:
    """The answer is refused after the code was redeemed, and userinfo is never asked."""
    departure = provider.begin()
    with pytest.raises(UntrustedAnswerError, match=match) as caught:
        provider.finish(departure)
    assert provider.calls("userinfo") == 0
    return caught.value


def refused_token(
    provider: ScriptedProvider, make: Callable[[ScriptedProvider], str], match: str
) -> UntrustedAnswerError:
    departure = provider.begin()
    provider.id_token = make(provider)
    with pytest.raises(UntrustedAnswerError, match=match) as caught:
        provider.finish(departure)
    assert provider.calls("userinfo") == 0
    return caught.value


def segment(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def by_hand(header: dict[str, Any], payload: bytes, sign: Callable[[bytes], bytes]) -> str:
    content = f"{segment(json.dumps(header).encode())}.{segment(payload)}"
    return f"{content}.{segment(sign(content.encode()))}"


def es256(content: bytes) -> bytes:
    return pyjwt.algorithms.ECAlgorithm(pyjwt.algorithms.ECAlgorithm.SHA256).sign(content, PROVIDER_KEY)


def payload_of(provider: ScriptedProvider) -> bytes:
    part = provider.sign().split(".")[1]
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
