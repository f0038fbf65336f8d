"""The JSON Schemas in `config/schema`, generated from the models so that editors help people who write YAML.

Run `python -m config.json_schema` after changing a model; a test fails until that is done. A schema knows the
shape only: `countersign registry check` is the authority.
"""

from __future__ import annotations

import json
from pathlib import Path

from config.identity_provider import IdentityProvider
from config.relying_service import RelyingService

SCHEMA_DIRECTORY = Path(__file__).parent / "schema"


def schemas() -> dict[str, str]:
    """Return the text of each schema file by its name."""
    return {
        "service.json": _schema(RelyingService, "A relying service: services/*.yaml"),
        "provider.json": _schema(IdentityProvider, "An identity provider: providers/*.yaml"),
    }


def write_schemas(directory: Path = SCHEMA_DIRECTORY) -> None:
    """Write the schema files anew."""
    directory.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (directory / name).write_text(text, encoding="utf-8")


def _schema(model: type[RelyingService | IdentityProvider], title: str) -> str:
    schema = model.model_json_schema(by_alias=True)
    described = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}
    return json.dumps(described, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    write_schemas()
