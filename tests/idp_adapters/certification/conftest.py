from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.idp_adapters.certification.relying_party import RelyingParty, published_keys
from tests.idp_adapters.certification.stub_process import running_oidc_stub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.asymmetric import ec

SLOW_SECONDS = 3.0


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """A stub that accepts any client, as its own process."""
    with running_oidc_stub("--record", "--slow-seconds", str(SLOW_SECONDS)) as issuer:
        yield issuer


@pytest.fixture(scope="session")
def client_keys() -> Iterator[tuple[ec.EllipticCurvePrivateKey, str]]:
    with published_keys() as keys:
        yield keys


@pytest.fixture
def party(issuer: str, client_keys: tuple[ec.EllipticCurvePrivateKey, str]) -> Iterator[RelyingParty]:
    """A client in a browser that nobody used yet."""
    key, redirect_uri = client_keys
    party = RelyingParty(issuer=issuer, redirect_uri=redirect_uri, key=key)
    with party.http:
        yield party
