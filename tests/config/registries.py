"""Registry directories for tests: valid by default, with the differences that a test is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from config.environment import Environment
from config.errors import Fault
from config.federation_file import RegistryReading, SettingsValidator, check_registry

Entry = dict[str, Any]

VALIDATORS: Mapping[str, SettingsValidator] = {"oidc": dict, "saml2": dict}


def a_service(**differences: object) -> Entry:
    """A service as its file says it, with required fields only."""
    service: Entry = {
        "id": "fishing-licence",
        "name": {"en": "Renew a fishing licence"},
        "organisation": "Rivers Agency",
        "sector": "rivers.example",
        "privacy_notice": {"en": "https://rivers.example/privacy"},
        "redirect_uris": ["https://rivers.example/callback"],
        "client_authentication": {"method": "private_key_jwt", "jwks_uri": "https://rivers.example/jwks"},
        "assurance": {"minimum": "medium.medium"},
        "attributes": [{"name": "name", "purpose": {"en": "To print on the licence"}, "required": True}],
    }
    return {**service, **differences}


def a_provider(**differences: object) -> Entry:
    """A provider as its file says it, with required fields only."""
    provider: Entry = {
        "id": "northgate",
        "name": {"en": "Northgate Identity"},
        "kind": "private",
        "adapter": "oidc",
        "settings": {"issuer": "https://northgate.example"},
        "levels": {
            "urn:example:high": {"level": "high.high", "scheme": "gpg45/0.4"},
            "urn:example:medium": {"level": "medium.medium", "scheme": "gpg45/0.4"},
        },
        "certification": {"self_declared": True, "not_after": "2030-06-30"},
    }
    return {**provider, **differences}


def write_registry(directory: Path, *, services: list[Entry], providers: list[Entry]) -> Path:
    """Write entries to files named after their position, so that ids may repeat or be missing."""
    for part, entries in (("services", services), ("providers", providers)):
        (directory / part).mkdir(parents=True, exist_ok=True)
        for index, entry in enumerate(entries):
            text = yaml.safe_dump(json.loads(json.dumps(entry)), sort_keys=False, allow_unicode=True)
            (directory / part / f"{index}.yaml").write_text(text, encoding="utf-8")
    return directory


def check(
    directory: Path,
    *,
    services: list[Entry] | None = None,
    providers: list[Entry] | None = None,
    environment: Environment = Environment.INTEGRATION,
    validators: Mapping[str, SettingsValidator] = VALIDATORS,
) -> RegistryReading:
    """Write a registry and read it, by default one valid service and one valid provider."""
    write_registry(
        directory,
        services=[a_service()] if services is None else services,
        providers=[a_provider()] if providers is None else providers,
    )
    return check_registry(directory, environment=environment, settings_validators=validators)


def fields(faults: tuple[Fault, ...]) -> list[str]:
    return [fault.field for fault in faults]


def the_only(faults: tuple[Fault, ...]) -> Fault:
    assert len(faults) == 1, [str(fault) for fault in faults]
    return faults[0]
