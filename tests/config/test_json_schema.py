from __future__ import annotations

import json
from pathlib import Path

from config.json_schema import SCHEMA_DIRECTORY, schemas, write_schemas


def test_the_schema_files_are_those_of_the_models() -> None:
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in SCHEMA_DIRECTORY.iterdir()}
    assert on_disk == schemas(), "run python -m config.json_schema"


def test_writing_makes_the_files(tmp_path: Path) -> None:
    write_schemas(tmp_path / "schema")
    assert {path.name for path in (tmp_path / "schema").iterdir()} == {"service.json", "provider.json"}


def test_a_service_schema_requires_what_the_contract_requires() -> None:
    schema = json.loads(schemas()["service.json"])
    assert set(schema["required"]) == {
        "id",
        "name",
        "organisation",
        "sector",
        "redirect_uris",
        "client_authentication",
        "assurance",
        "attributes",
    }
    assert schema["additionalProperties"] is False
    assert schema["properties"]["pkce"]["default"] == "required"


def test_a_provider_schema_requires_what_the_contract_requires() -> None:
    schema = json.loads(schemas()["provider.json"])
    assert set(schema["required"]) == {"id", "name", "kind", "adapter", "settings", "levels", "certification"}
