from __future__ import annotations

import requests

from tests.idp_adapters.certification.relying_party import TIMEOUT, RelyingParty
from tests.idp_adapters.certification.stub_process import running_oidc_stub


def test_everything_received_is_told_with_address_headers_and_body(party: RelyingParty) -> None:
    party.http.delete(f"{party.issuer}/received", timeout=TIMEOUT)
    attempt = party.attempt()
    code = party.code(attempt, "complete-9")
    party.redeem(attempt, code).userinfo()
    received = party.http.get(f"{party.issuer}/received", timeout=TIMEOUT).json()
    assert [request["method"] for request in received] == ["GET", "POST", "GET"]
    authorize, token, userinfo = received
    assert attempt.nonce in authorize["url"]
    assert ["X-Stub-Persona", "complete-9"] in authorize["headers"]
    assert f"code={code}" in token["body"]
    assert any(name == "Authorization" for name, _ in userinfo["headers"])


def test_nothing_is_kept_unless_asked_for() -> None:
    with running_oidc_stub() as issuer:
        assert requests.get(f"{issuer}/received", timeout=TIMEOUT).status_code == 404
