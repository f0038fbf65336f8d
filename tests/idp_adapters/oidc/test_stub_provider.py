"""The adapter against the stub provider in its own process: every outcome over real HTTP, and over TLS."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import requests
from joserfc.jwk import ECKey

from config.attributes import CLAIMS
from idp_adapters.attributes import READERS
from idp_adapters.certification.simulator.personas import FIXED_PERSONAS, person
from idp_adapters.contract import ProviderAnswer, SignInRequest
from idp_adapters.errors import (
    IdentityNotProvedError,
    IdentityProviderError,
    ProviderUnavailableError,
    SignInCancelledError,
    UntrustedAnswerError,
)
from idp_adapters.identity import VerifiedIdentity
from idp_adapters.oidc.adapter import OidcAdapter
from idp_adapters.oidc.settings import read_settings
from idp_adapters.outbound import AllowList, OutboundClient
from tests.idp_adapters.certification.relying_party import KEY_ID, published_keys
from tests.idp_adapters.certification.stub_process import running_oidc_stub
from tests.idp_adapters.oidc.scripted_provider import query

LEVEL = "urn:example:northgate:"
PATIENCE = 1.5


@dataclass(kw_only=True)
class Citizen:
    """Somebody in a browser who goes to the stub and comes back."""

    adapter: OidcAdapter

    def sign_in(
        self,
        persona: str = "complete",
        outcome: str = "success",
        *,
        levels: tuple[str, ...] = (LEVEL + "medium",),
        fresh: bool = False,
    ) -> VerifiedIdentity:
        request = SignInRequest(state="journey.state", levels=levels, fresh=fresh, language="en")
        departure = self.adapter.begin(request)
        with requests.Session() as browser:
            browser.trust_env = False
            back = browser.get(
                departure.redirect_url,
                headers={"X-Stub-Persona": persona, "X-Stub-Outcome": outcome},
                allow_redirects=False,
                timeout=20,
            )
        assert back.status_code == 303, back.text
        answer = ProviderAnswer(parameters=query(back.headers["Location"]))
        return self.adapter.finish(answer, departure.pending, datetime.now(UTC))


@pytest.fixture(scope="module")
def citizen() -> Iterator[Citizen]:
    with running_oidc_stub("--slow-seconds", str(PATIENCE * 2)) as issuer, published_keys() as keys:
        key, redirect_uri = keys
        outbound = OutboundClient(
            allow=AllowList(loopback=True),
            user_agent="countersign-test",
            total_timeout=PATIENCE,
            failures_to_open=100,
        )
        settings = {
            "issuer": issuer,
            "client_id": "countersign",
            "client_authentication": {"method": "private_key_jwt"},
            "scopes": ["openid", "profile", "email", "phone", "address"],
            "level_request": "acr_values",
            "claims": sorted(
                {"place_of_birth", "nationalities", "salutation", "title", "msisdn", "also_known_as"}
                | {name for name in READERS if name.startswith("birth_")}
            ),
        }
        adapter = OidcAdapter(
            provider_id="northgate",
            settings=read_settings(settings),
            callback_url=redirect_uri,
            client_key=ECKey.import_key(key, {"kid": KEY_ID}),
            outbound=outbound,
        )
        yield Citizen(adapter=adapter)
        outbound.close()


def test_a_person_with_every_claim_arrives_with_every_claim(citizen: Citizen) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    identity = citizen.sign_in()
    assert identity.attributes.keys() == READERS.keys() == CLAIMS & READERS.keys()
    assert identity.assurance.value == LEVEL + "medium"
    assert identity.authenticated_at is not None
    assert before <= identity.authenticated_at <= datetime.now(UTC)
    assert identity.methods == ("mfa", "pwd", "otp")


@pytest.mark.parametrize("level", ["low", "medium", "high"])
def test_the_level_asked_for_comes_back(level: str, citizen: Citizen) -> None:
    assert citizen.sign_in(levels=(LEVEL + level,)).assurance.value == LEVEL + level


@pytest.mark.parametrize("persona", FIXED_PERSONAS)
def test_a_op_08_everything_about_a_person_survives_the_wire(persona: str, citizen: Citizen) -> None:
    assert citizen.sign_in(persona).attributes == person(persona, datetime.now(UTC).date()).claims


def test_two_people_with_one_name_are_two_subjects(citizen: Citizen) -> None:
    first, second = citizen.sign_in("complete"), citizen.sign_in("second-complete")
    assert first.attributes["name"] == second.attributes["name"]
    assert first.subject != second.subject


@pytest.mark.parametrize(
    ("outcome", "cause", "reason"),
    [
        ("cancel", SignInCancelledError, "access_denied"),
        ("not-proved", IdentityNotProvedError, "unmet_authentication_requirements"),
        ("server-error", ProviderUnavailableError, "answered 500"),
        ("garbage", UntrustedAnswerError, "content type"),
        ("truncated", UntrustedAnswerError, "not one JSON document"),
        ("wrong-charset", UntrustedAnswerError, "in UTF-8"),
        ("endless", UntrustedAnswerError, "larger than"),
        ("expired", UntrustedAnswerError, "exp passed|iat lies"),
        ("future-issued", UntrustedAnswerError, "iat lies .* in the future"),
        ("wrong-audience", UntrustedAnswerError, "aud is not"),
        ("stranger-audience", UntrustedAnswerError, "aud is not"),
        ("wrong-authorized-party", UntrustedAnswerError, "azp is another"),
        ("wrong-issuer", UntrustedAnswerError, "iss is not exactly"),
        ("wrong-response-issuer", UntrustedAnswerError, "iss is not the issuer"),
        ("replay", UntrustedAnswerError, "nonce is missing or not"),
        ("wrong-nonce", UntrustedAnswerError, "nonce is missing or not"),
        ("missing-nonce", UntrustedAnswerError, "nonce is missing or not"),
        ("foreign-key", UntrustedAnswerError, "signature is wrong"),
        ("alg-none", UntrustedAnswerError, "algorithm that is not accepted"),
        ("public-key-as-secret", UntrustedAnswerError, "algorithm that is not accepted"),
        ("embedded-key", UntrustedAnswerError, "signature is wrong|no published key"),
        ("unknown-critical", UntrustedAnswerError, "header has crit"),
        ("userinfo-other-subject", UntrustedAnswerError, "another sub"),
    ],
)
def test_what_goes_wrong_at_the_provider_is_told_by_its_cause(
    outcome: str, cause: type[IdentityProviderError], reason: str, citizen: Citizen
) -> None:
    with pytest.raises(IdentityProviderError, match=reason) as caught:
        citizen.sign_in(outcome=outcome)
    assert type(caught.value) is cause


def test_a_op_02_a_slow_provider_is_given_up_on_at_the_deadline(citizen: Citizen) -> None:
    started = time.monotonic()
    with pytest.raises(ProviderUnavailableError):
        citizen.sign_in(outcome="slow")
    assert PATIENCE * 0.9 < time.monotonic() - started < PATIENCE * 1.8


def test_a_lower_level_is_handed_on_for_the_hub_to_judge(citizen: Citizen) -> None:
    assert citizen.sign_in(outcome="lower-level").assurance.value == LEVEL + "low"


def test_a_suspected_fraud_is_a_level_that_no_registration_lists(citizen: Citizen) -> None:
    assert citizen.sign_in(outcome="fraud").assurance.value == LEVEL + "fraud"


def test_an_old_sign_in_is_handed_on_with_its_age(citizen: Citizen) -> None:
    identity = citizen.sign_in(outcome="stale", fresh=True)
    assert identity.authenticated_at is not None
    assert identity.authenticated_at < datetime.now(UTC) - timedelta(hours=5)
