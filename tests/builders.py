"""Registry entries, valid by default, so that a test shows its one difference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

Entry = dict[str, Any]

SCHEME = "gpg45/0.4"
NEXT_YEAR = (datetime.now(UTC).date() + timedelta(days=365)).isoformat()
LEVELS = {"high": "high.high", "medium": "medium.medium", "low": "low.medium"}


def asserted(level: str) -> str:
    """The raw value with which the simulated OpenID Provider asserts a level."""
    return f"urn:example:northgate:{level}"


def acr(level: str) -> str:
    """The value of our levels on the wire."""
    return f"urn:countersign:level:{level}"


def a_provider_entry(name: str, *, issuer: str, **differences: object) -> Entry:
    """A self-declared provider that reaches high.high."""
    entry: Entry = {
        "id": name,
        "name": {"en": f"{name.title()} Identity", "cy": f"Hunaniaeth {name.title()}"},
        "kind": "private",
        "adapter": "oidc",
        "settings": {
            "issuer": issuer,
            "client_id": "countersign",
            "client_authentication": {"method": "private_key_jwt"},
            "scopes": ["openid", "profile", "email", "phone", "address"],
            "level_request": "acr_values",
        },
        "levels": {asserted(raw): {"level": level, "scheme": SCHEME} for raw, level in LEVELS.items()},
        "certification": {"self_declared": True, "not_after": NEXT_YEAR},
    }
    return {**entry, **differences}


def an_attribute(name: str, *, required: bool = True) -> Entry:
    """An attribute with a purpose in both languages."""
    purpose = {"en": f"To use {name} on the card", "cy": f"I ddefnyddio {name} ar y cerdyn"}
    return {"name": name, "purpose": purpose, "required": required}


def a_service_entry(name: str, *, client_authentication: Entry, **differences: object) -> Entry:
    """A service of medium.medium: name, over 18, and optionally the postcode area."""
    entry: Entry = {
        "id": name,
        "name": {"en": f"Service {name}", "cy": f"Gwasanaeth {name}"},
        "organisation": "Rivers Agency",
        "sector": f"{name}.example",
        "privacy_notice": {
            "en": f"https://{name}.example/privacy",
            "cy": f"https://{name}.example/preifatrwydd",
        },
        "redirect_uris": [f"https://{name}.example/callback"],
        "client_authentication": client_authentication,
        "assurance": {"minimum": "medium.medium"},
        "attributes": [
            an_attribute("name"),
            an_attribute("age_over_18"),
            an_attribute("postcode_area", required=False),
        ],
    }
    return {**entry, **differences}
