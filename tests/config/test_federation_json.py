from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.confidence import NAMEABLE_LEVELS
from config.environment import Environment
from config.errors import StoredRegistryError
from config.federation import Federation
from config.federation_file import federation_from_json, federation_to_json, read_federation
from config.samples import DEMO_REGISTRY
from tests.config.keys import a_public_key
from tests.config.registries import VALIDATORS, Entry, a_provider, a_service, check

texts = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
services = st.fixed_dictionaries(
    {
        "name": st.fixed_dictionaries({"en": texts}, optional={"cy": texts}),
        "organisation": texts,
        "assurance": st.fixed_dictionaries(
            {
                "minimum": st.sampled_from(
                    [str(level) for level in NAMEABLE_LEVELS if level.protection.value != "low"]
                )
            }
        ),
        "userinfo": st.sampled_from([{}, {"signed": "PS256"}]),
        "providers": st.sampled_from([{}, {"allow": ["northgate"]}, {"deny": ["northgate"]}]),
        "direct_hint": st.booleans(),
        "client_authentication": st.sampled_from(
            [
                {"method": "client_secret_post", "secret_sha256": "ab" * 32},
                {"method": "private_key_jwt", "jwks": {"keys": [a_public_key(**{"x5t#S256": "abc"})]}},
                {"method": "tls_client_auth", "san_dns": "rivers.example"},
            ]
        ),
    }
)
providers = st.fixed_dictionaries(
    {
        "settings": st.dictionaries(
            texts, st.none() | st.booleans() | st.integers(-5, 5) | st.floats(0, 1) | texts | st.lists(texts)
        ),
        "levels": st.dictionaries(
            texts,
            st.fixed_dictionaries(
                {
                    "level": st.sampled_from([str(level) for level in NAMEABLE_LEVELS]),
                    "scheme": st.just("gpg45/0.4"),
                }
            ),
            min_size=1,
        ),
    }
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(service=services, provider=providers)
def test_a_federation_is_read_back_exactly(tmp_path: Path, service: Entry, provider: Entry) -> None:
    federation = check(
        tmp_path,
        services=[a_service(**service), a_service(id="other")],
        providers=[a_provider(**provider)],
    ).federation
    assert federation is not None
    text = federation_to_json(federation)
    again = federation_from_json(text)
    assert again == federation
    assert federation_to_json(again) == text


def demo() -> Federation:
    return read_federation(DEMO_REGISTRY, environment=Environment.LOCAL, settings_validators=VALIDATORS)


def test_the_stored_text_says_every_default() -> None:
    stored = json.loads(federation_to_json(demo()))
    assert stored["services"][0]["shared_session"] is True
    assert stored["services"][0]["id_token"] == {"encrypted": None, "signed": "ES256"}
    assert stored["providers"][0]["certification"] == {"not_after": "2036-12-31", "self_declared": True}


def test_a_federation_that_was_read_back_cannot_be_changed_either() -> None:
    federation = federation_from_json(federation_to_json(demo()))
    with pytest.raises(TypeError):
        federation.providers["northgate"].levels["x"] = None  # type: ignore[index]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"format": 2, "services": [], "providers": []}', "null", "\x00"]
)
def test_a_text_that_is_no_federation_is_refused(text: str) -> None:
    with pytest.raises(StoredRegistryError):
        federation_from_json(text)


def test_a_field_of_a_newer_version_is_refused_and_named() -> None:
    stored = json.loads(federation_to_json(demo()))
    stored["services"][0]["telepathy"] = True
    with pytest.raises(StoredRegistryError, match=r"services\.0\.telepathy"):
        federation_from_json(json.dumps(stored))
