from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.broker.cli.countersign import Operator
from tests.config.registries import a_provider, a_service, write_registry

_OIDC = {
    "issuer": "https://northgate.example",
    "client_id": "countersign",
    "client_authentication": {"method": "private_key_jwt"},
    "scopes": ["openid", "profile"],
    "level_request": "acr_values",
}
_SECRET = "ab" * 32


def a_registry(directory: Path, *, services: list[dict[str, Any]] | None = None, **northgate: object) -> Path:
    """Write a registry that the hub's own adapters take; `northgate` differs where a test says so."""
    return write_registry(
        directory,
        services=[a_service()] if services is None else services,
        providers=[a_provider(**{"settings": _OIDC, **northgate})],
    )


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    return a_registry(tmp_path / "registry")


@pytest.fixture
def upgraded(operator: Operator) -> Operator:
    operator.succeeds("db", "upgrade")
    return operator


def test_a_directory_without_faults_passes_without_settings_or_database(
    tmp_path: Path, registry: Path
) -> None:
    reviewer = Operator(directory=tmp_path)
    printed = reviewer.succeeds("registry", "check", registry)
    assert printed == f"{registry}: no faults, by the rules of environment local.\n"
    assert not reviewer.database.exists()


def test_a_check_prints_every_fault_of_every_file_with_line_and_field(
    operator: Operator, tmp_path: Path
) -> None:
    directory = a_registry(
        tmp_path / "faulty",
        services=[a_service(sector="NOT A SECTOR", redirect_uris=[])],
        adapter="carrier_pigeon",
    )
    result = operator.runs("registry", "check", directory)
    assert result.exit_code == 1
    assert "services/0.yaml:" in result.stdout
    for field in ("sector", "redirect_uris", "adapter"):
        assert f": {field}: " in result.stdout
    assert "3 faults" in result.stdout
    faults = {
        fault["field"]: fault for fault in operator.reads("registry", "check", directory, status=1)["faults"]
    }
    assert set(faults) == {"sector", "redirect_uris", "adapter"}
    assert faults["sector"]["file"] == "services/0.yaml"
    assert faults["sector"]["line"] > 1


def test_an_adapters_own_faults_are_told_by_field(operator: Operator, tmp_path: Path) -> None:
    directory = a_registry(tmp_path / "faulty", settings={**_OIDC, "client_id": ""})
    (fault,) = operator.reads("registry", "check", directory, status=1)["faults"]
    assert fault["field"] == "settings.client_id"


def test_a_check_goes_by_the_environment_that_is_named_or_the_hubs_own(
    operator: Operator, registry: Path
) -> None:
    strict = operator.runs("registry", "check", registry, "--environment", "production")
    assert strict.exit_code == 1
    assert "certification.self_declared" in strict.stdout
    hub = operator.with_settings(issuer="https://hub.example", environment="production")
    assert hub.runs("registry", "check", registry).exit_code == 1
    assert hub.runs("registry", "check", registry, "--environment", "integration").exit_code == 0


def test_warnings_stand_apart_from_faults_and_do_not_fail(operator: Operator, tmp_path: Path) -> None:
    directory = a_registry(tmp_path / "warned", services=[a_service(assurance={"minimum": "very_high.high"})])
    result = operator.runs("registry", "check", directory)
    assert result.exit_code == 0
    assert result.stderr.startswith("Warning: services/0.yaml:")
    assert "Warning" not in result.stdout
    assert len(operator.reads("registry", "check", directory)["warnings"]) == 1


def test_a_directory_that_is_not_there_is_a_fault(operator: Operator, tmp_path: Path) -> None:
    result = operator.runs("registry", "check", tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "is not a directory" in result.stdout


def test_a_diff_shows_what_applying_would_change_and_changes_nothing(
    upgraded: Operator, registry: Path
) -> None:
    first = upgraded.reads("registry", "diff", registry)
    assert first["revision"] is None
    assert [(change["kind"], change["entry"], change["id"]) for change in first["changes"]] == [
        ("added", "provider", "northgate"),
        ("added", "service", "fishing-licence"),
    ]
    assert "No registry has been applied yet" in upgraded.fails("registry", "show")
    upgraded.succeeds("registry", "apply", registry)
    a_registry(registry, services=[a_service(organisation="Lakes Agency")])
    assert upgraded.succeeds("registry", "diff", registry) == (
        "service fishing-licence: organisation from Rivers Agency to Lakes Agency\n"
        "1 change against revision 1.\n"
    )


def test_a_diff_of_the_same_directory_is_empty(upgraded: Operator, registry: Path) -> None:
    upgraded.succeeds("registry", "apply", registry)
    assert upgraded.reads("registry", "diff", registry) == {"revision": 1, "changes": [], "warnings": []}
    assert upgraded.succeeds("registry", "diff", registry) == "Nothing differs from revision 1.\n"


def test_applying_stores_a_revision_and_journals_who_changed_what(upgraded: Operator, registry: Path) -> None:
    printed = upgraded.succeeds("registry", "apply", registry, "--operator", "sam@example.gov")
    assert "Revision 1 is in force: 2 changes." in printed
    a_registry(registry, services=[a_service(organisation="Lakes Agency")])
    assert upgraded.reads("registry", "apply", registry, "--operator", "alex")["revision"] == 2
    entries = [entry["fields"] for entry in upgraded.journal() if entry["kind"] == "registry.applied"]
    assert [(entry["revision"], entry["operator"]) for entry in entries] == [
        (1, "sam-example.gov"),
        (2, "alex"),
    ]


def test_applying_what_is_in_force_makes_no_revision(upgraded: Operator, registry: Path) -> None:
    upgraded.succeeds("registry", "apply", registry)
    printed = upgraded.succeeds("registry", "apply", registry)
    assert printed == "Nothing differs: revision 1 stays in force.\n"
    assert [entry["kind"] for entry in upgraded.journal()].count("registry.applied") == 1


def test_a_directory_with_faults_is_not_applied(upgraded: Operator, registry: Path) -> None:
    upgraded.succeeds("registry", "apply", registry)
    a_registry(registry, services=[a_service(sector="NOT A SECTOR", redirect_uris=[])])
    for command in ("apply", "diff"):
        message = upgraded.fails("registry", command, registry)
        assert "services/0.yaml:" in message
        assert ": sector: " in message
        assert ": redirect_uris: " in message
    assert upgraded.reads("registry", "show")["revision"] == 1


def test_the_revision_in_force_is_shown_without_digests_of_secrets(
    upgraded: Operator, tmp_path: Path
) -> None:
    authentication = {"method": "client_secret_basic", "secret_sha256": _SECRET}
    directory = a_registry(tmp_path / "registry", services=[a_service(client_authentication=authentication)])
    upgraded.succeeds("registry", "apply", directory)
    shown = upgraded.reads("registry", "show")
    assert (shown["revision"], len(shown["digest"])) == (1, 64)
    (service,), (provider,) = shown["services"], shown["providers"]
    assert service["client_authentication"]["method"] == "client_secret_basic"
    assert service["redirect_uris"] == ["https://rivers.example/callback"]
    assert provider["id"] == "northgate"
    printed = upgraded.succeeds("registry", "show")
    assert f"Revision 1, digest {shown['digest']}" in printed
    assert "fishing-licence  Renew a fishing licence  Rivers Agency  medium.medium" in printed
    assert _SECRET not in f"{shown}{printed}"
