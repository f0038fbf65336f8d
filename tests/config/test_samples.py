from __future__ import annotations

from config.environment import Environment
from config.federation_file import check_registry
from config.samples import DEMO_REGISTRY
from tests.config.registries import VALIDATORS

READING = check_registry(DEMO_REGISTRY, environment=Environment.LOCAL, settings_validators=VALIDATORS)


def test_the_demo_registry_has_no_faults_and_no_warnings() -> None:
    assert READING.faults == ()
    assert READING.warnings == ()
    assert READING.federation is not None


def test_the_demo_stands_at_the_addresses_of_the_contract() -> None:
    assert READING.federation is not None
    services = READING.federation.services
    assert {name: service.redirect_uris for name, service in services.items()} == {
        "fishing-licence": ("http://localhost:8410/callback",),
        "library-card": ("http://localhost:8411/callback",),
    }
    assert READING.federation.providers["northgate"].settings["issuer"] == "http://localhost:8401"


def test_the_demo_services_ask_for_what_the_contract_says() -> None:
    assert READING.federation is not None
    services = READING.federation.services
    assert {
        name: (str(service.assurance.minimum), {each.name: each.required for each in service.attributes})
        for name, service in services.items()
    } == {
        "fishing-licence": ("medium.medium", {"name": True, "age_over_18": True, "postcode_area": False}),
        "library-card": ("low.medium", {"name": True}),
    }
    assert {service.sector for service in services.values()} == {"rivers.example", "libraries.example"}


def test_everything_that_people_read_in_the_demo_is_in_welsh_too() -> None:
    assert READING.federation is not None
    texts = [
        *(service.name for service in READING.federation.services.values()),
        *(each.purpose for service in READING.federation.services.values() for each in service.attributes),
        *(provider.name for provider in READING.federation.providers.values()),
    ]
    assert all(text.cy and text.cy != text.en for text in texts)


def test_a_demo_registry_is_refused_in_production() -> None:
    reading = check_registry(
        DEMO_REGISTRY, environment=Environment.PRODUCTION, settings_validators=VALIDATORS
    )
    assert reading.federation is None
