from __future__ import annotations

import contextlib
import ipaddress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.environment import Environment
from config.errors import SettingsError
from config.settings import Settings, load_settings

LOCAL = {"COUNTERSIGN_ISSUER": "http://localhost:8400"}
ELSEWHERE = {
    "COUNTERSIGN_ISSUER": "https://hub.example",
    "COUNTERSIGN_ENVIRONMENT": "production",
    "COUNTERSIGN_KEYS": "/var/lib/countersign/keys",
}


def faults(environ: dict[str, str]) -> dict[str, str]:
    with pytest.raises(SettingsError) as raised:
        load_settings(environ)
    return {fault.name.removeprefix("COUNTERSIGN_"): fault.message for fault in raised.value.faults}


def test_an_issuer_on_this_machine_is_all_that_a_local_hub_needs() -> None:
    settings = load_settings(LOCAL)
    assert settings.environment is Environment.LOCAL
    assert settings.issuer_is_loopback
    assert settings.database_url == "sqlite:///countersign.db"
    assert settings.redis_url is None
    assert settings.keys == Path("keys")
    assert settings.registry is None
    assert settings.trusted_proxies == ()
    assert settings.ca_bundle is None
    assert settings.adapters == ()
    assert settings.outbound_allow == ()
    assert settings.contact_email == "help@localhost"


def test_elsewhere_the_environment_and_the_keys_are_named() -> None:
    assert set(faults({"COUNTERSIGN_ISSUER": "https://hub.example"})) == {"ENVIRONMENT", "KEYS"}
    settings = load_settings(ELSEWHERE)
    assert settings.environment is Environment.PRODUCTION
    assert not settings.issuer_is_loopback
    assert settings.contact_email == "help@hub.example"


def test_a_hub_on_this_machine_may_run_as_another_environment() -> None:
    assert set(faults({**LOCAL, "COUNTERSIGN_ENVIRONMENT": "integration"})) == {"KEYS"}
    settings = load_settings({**LOCAL, "COUNTERSIGN_ENVIRONMENT": "integration", "COUNTERSIGN_KEYS": "k"})
    assert settings.environment is Environment.INTEGRATION


def test_a_hub_elsewhere_may_be_local_when_it_says_so() -> None:
    settings = load_settings({"COUNTERSIGN_ISSUER": "https://hub.test", "COUNTERSIGN_ENVIRONMENT": "local"})
    assert settings.keys == Path("keys")


def test_every_fault_is_reported_at_once() -> None:
    found = faults(
        {
            "COUNTERSIGN_ISSUER": "http://hub.example",
            "COUNTERSIGN_ENVIRONMENT": "prod",
            "COUNTERSIGN_DATABASE_URL": "mysql://root:hunter2@db/x",
            "COUNTERSIGN_REDIS_URL": "http://:hunter2@cache",
            "COUNTERSIGN_REGISTRY": "/nonexistent/registry",
            "COUNTERSIGN_CA_BUNDLE": "/nonexistent/ca.pem",
            "COUNTERSIGN_TRUSTED_PROXIES": "10.0.0.0/8,10.0.0.1/8",
            "COUNTERSIGN_ADAPTERS": "os.system",
            "COUNTERSIGN_OUTBOUND_ALLOW": "idp.example,bad host",
            "COUNTERSIGN_CONTACT_EMAIL": "nobody",
            "COUNTERSIGN_CONTACT_URL": "www.example",
            "COUNTERSIGN_KEY": "keys",
        }
    )
    assert set(found) == {
        "ISSUER",
        "ENVIRONMENT",
        "DATABASE_URL",
        "REDIS_URL",
        "KEYS",
        "REGISTRY",
        "CA_BUNDLE",
        "TRUSTED_PROXIES",
        "ADAPTERS",
        "OUTBOUND_ALLOW",
        "CONTACT_EMAIL",
        "CONTACT_URL",
        "KEY",
    }
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    "issuer",
    [
        "https://hub.example",
        "https://hub.example:8443",
        "http://localhost:8400",
        "http://127.0.0.1:8400",
        "http://[::1]:8400",
    ],
)
def test_an_issuer_is_https_or_on_this_machine(issuer: str) -> None:
    environ = {**ELSEWHERE, "COUNTERSIGN_ISSUER": issuer}
    assert load_settings(environ).issuer == issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "http://hub.example",
        "https://hub.example/",
        "http://localhost:8400/",
        "https://hub.example/identity",
        "https://hub.example/identity/",
        "https://hub.example?x=1",
        "https://hub.example?",
        "https://hub.example#x",
        "https://user@hub.example",
        "https://HUB.example",
        "https://hub.example:443",
        "http://localhost:80",
        "hub.example",
        "localhost:8400",
    ],
)
def test_an_issuer_has_one_spelling(issuer: str) -> None:
    assert set(faults({**ELSEWHERE, "COUNTERSIGN_ISSUER": issuer})) == {"ISSUER"}


def test_without_an_issuer_only_that_is_reported() -> None:
    assert faults({}) == {"ISSUER": "is required"}
    assert faults({"COUNTERSIGN_ISSUER": ""}) == {"ISSUER": "is required"}


def test_an_empty_variable_counts_as_absent() -> None:
    assert load_settings(
        {**LOCAL, "COUNTERSIGN_REDIS_URL": "", "COUNTERSIGN_ENVIRONMENT": ""}
    ) == load_settings(LOCAL)


def test_lists_are_separated_by_commas() -> None:
    settings = load_settings(
        {
            **LOCAL,
            "COUNTERSIGN_TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8::/32 ,192.0.2.1",
            "COUNTERSIGN_ADAPTERS": "gazette,other_one",
            "COUNTERSIGN_OUTBOUND_ALLOW": "idp.internal,10.1.0.0/16,192.0.2.7,::1",
        }
    )
    assert settings.trusted_proxies == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("2001:db8::/32"),
        ipaddress.ip_network("192.0.2.1/32"),
    )
    assert settings.adapters == ("gazette", "other_one")
    assert settings.outbound_hosts == {"idp.internal"}
    assert [str(network) for network in settings.outbound_networks] == [
        "10.1.0.0/16",
        "192.0.2.7/32",
        "::1/128",
    ]


@pytest.mark.parametrize("value", ["10.0.0.0/33", "10.0.0.1/8", "proxy.internal", "10.0.0.0/8;::1/128"])
def test_a_trusted_proxy_is_a_network(value: str) -> None:
    assert set(faults({**LOCAL, "COUNTERSIGN_TRUSTED_PROXIES": value})) == {"TRUSTED_PROXIES"}


def test_postgresql_is_spoken_through_the_driver_that_is_installed() -> None:
    settings = load_settings({**LOCAL, "COUNTERSIGN_DATABASE_URL": "postgresql://hub:pw@db/countersign"})
    assert settings.database_url == "postgresql+psycopg://hub:pw@db/countersign"


@pytest.mark.parametrize(
    "address",
    ["redis://cache", "redis://cache:6379/2", "rediss://:pw@cache/0", "unix:///run/redis.sock?db=1"],
)
def test_a_store_is_addressed_as_redis_has_it(address: str) -> None:
    assert load_settings({**LOCAL, "COUNTERSIGN_REDIS_URL": address}).redis_url == address


@pytest.mark.parametrize(
    "address",
    [
        "memcached://cache",
        "cache:6379",
        "redis://cache:port",
        "redis://:hun:ter2@cache:99999999",
        "redis://cache/two",
    ],
)
def test_another_address_is_refused_without_repeating_it(address: str) -> None:
    (told,) = faults({**LOCAL, "COUNTERSIGN_REDIS_URL": address}).items()
    assert told[0] == "REDIS_URL"
    assert "cache" not in told[1]
    assert "hun" not in told[1]


def test_addresses_that_may_hold_a_password_are_not_shown() -> None:
    settings = load_settings(
        {
            **LOCAL,
            "COUNTERSIGN_DATABASE_URL": "postgresql://hub:hunter2@db/countersign",
            "COUNTERSIGN_REDIS_URL": "rediss://:hunter2@cache",
        }
    )
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings)


def test_files_and_directories_that_are_named_exist(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("", encoding="utf-8")
    settings = load_settings(
        {**LOCAL, "COUNTERSIGN_REGISTRY": str(tmp_path), "COUNTERSIGN_CA_BUNDLE": str(bundle)}
    )
    assert (settings.registry, settings.ca_bundle) == (tmp_path, bundle)
    assert set(
        faults({**LOCAL, "COUNTERSIGN_REGISTRY": str(bundle), "COUNTERSIGN_CA_BUNDLE": str(tmp_path)})
    ) == {
        "REGISTRY",
        "CA_BUNDLE",
    }


def test_a_misspelt_name_is_told_and_a_foreign_one_is_left_alone() -> None:
    assert faults({**LOCAL, "COUNTERSIGN_TRUSTED_PROXY": "10.0.0.0/8"}) == {
        "TRUSTED_PROXY": "is not a setting: did you mean COUNTERSIGN_TRUSTED_PROXIES?"
    }
    assert load_settings({**LOCAL, "COUNTERSIGN_NORTHGATE_SECRET": "x", "PATH": "/bin"}) == load_settings(
        LOCAL
    )


def test_only_what_is_handed_in_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_REDIS_URL", "redis://elsewhere")
    monkeypatch.setenv("COUNTERSIGN_ISSUER", "https://elsewhere.example")
    assert load_settings(LOCAL).redis_url is None
    assert (
        Settings(
            issuer="http://localhost:1", environment=Environment.LOCAL, keys=Path("k"), contact_email="a@b"
        ).redis_url
        is None
    )


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings(LOCAL).issuer = "https://evil.example"  # type: ignore[misc]


@given(
    st.dictionaries(
        st.sampled_from([f"COUNTERSIGN_{name.upper()}" for name in Settings.model_fields]), st.text()
    )
)
def test_no_value_makes_loading_fail_otherwise(environ: dict[str, str]) -> None:
    with contextlib.suppress(SettingsError):
        assert load_settings(environ).issuer == environ["COUNTERSIGN_ISSUER"]


@pytest.mark.parametrize(
    "rule", ["600 per 10 seconds; 20000 per hour", "5 per minute", "1 per 2 days;2 per day"]
)
def test_limits_are_lists_of_so_many_per_time(rule: str) -> None:
    settings = load_settings({**LOCAL, "COUNTERSIGN_LIMIT_SIGN_INS_PER_SERVICE": rule})
    assert settings.limit_sign_ins_per_service.replace("; ", ";") == rule.replace("; ", ";")


@pytest.mark.parametrize(
    "rule", ["600", "600/10s", "0 per hour", "six per hour", "5 per hour;", "5 per fortnight"]
)
def test_a_limit_that_cannot_be_read_is_named(rule: str) -> None:
    assert set(faults({**LOCAL, "COUNTERSIGN_LIMIT_REFUSALS_PER_SOURCE": rule})) == {
        "LIMIT_REFUSALS_PER_SOURCE"
    }
