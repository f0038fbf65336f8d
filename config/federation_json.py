"""A federation as JSON text: stored as an immutable revision, read back to exactly the same federation.

Every field is written, defaults too: a revision keeps its meaning when a later version changes a default.
"""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from config.errors import StoredRegistryError
from config.federation import Federation
from config.identity_provider import IdentityProvider
from config.relying_service import RelyingService


class _Revision(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal[1]
    services: tuple[RelyingService, ...]
    providers: tuple[IdentityProvider, ...]


def federation_to_json(federation: Federation) -> str:
    """Write a federation as canonical JSON: the same federation always gives the same text."""
    revision = _Revision(
        format=1, services=tuple(federation.services.values()), providers=tuple(federation.providers.values())
    )
    return json.dumps(
        revision.model_dump(mode="json", by_alias=True),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )


def federation_from_json(text: str) -> Federation:
    """Read what `federation_to_json` wrote.

    Raises:
        StoredRegistryError: for text that this version does not understand in every part.

    """
    try:
        revision = _Revision.model_validate_json(text)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        where = ".".join(str(step) for step in faults[0]["loc"])
        raise StoredRegistryError(
            f"{len(faults)} faults, the first at {where}: {faults[0]['msg']}"
        ) from error
    return Federation.of(revision.services, revision.providers)
