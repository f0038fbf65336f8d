"""What the services say of themselves agrees with what the hub's registry says of them."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest
import yaml

from broker.demo.catalogue import SERVICES, Presentation
from broker.demo.levels import LEVEL_PREFIX


def registered(client_id: str) -> dict[str, Any]:
    samples = resources.files("config") / "samples" / "demo" / "services"
    entry: dict[str, Any] = yaml.safe_load((samples / f"{client_id}.yaml").read_text(encoding="utf-8"))
    return entry


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.client_id)
def test_a_service_is_registered_as_it_presents_itself(service: Presentation) -> None:
    entry = registered(service.client_id)
    assert service.name == entry["name"]["en"]
    assert service.organisation == entry["organisation"]
    assert entry["redirect_uris"] == [f"http://localhost:{service.port}/callback"]
    assert entry["client_authentication"]["jwks_uri"] == f"http://localhost:{service.port}/jwks"
    assert service.acr_values == (f"{LEVEL_PREFIX}{entry['assurance']['minimum']}",)


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.client_id)
def test_a_service_gives_the_purposes_that_the_hub_will_show(service: Presentation) -> None:
    shown = [
        (attribute["purpose"]["en"], attribute["required"])
        for attribute in registered(service.client_id)["attributes"]
    ]
    assert [(asked.why.capitalize(), asked.required) for asked in service.asked] == shown
