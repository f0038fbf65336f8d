"""What every entry of the registry has in common: frozen, strict, and without unknown fields."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    StringConstraints,
    WithJsonSchema,
    WrapSerializer,
)

from config.addresses import parse_web_address
from config.confidence import NAMEABLE_LEVELS, Level
from config.errors import LevelError

Value = TypeVar("Value")

_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class RegistryModel(BaseModel):
    """A part of a registry file, unchangeable once read; a field nobody knows is a fault, not a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=False)


def _read_only(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(mapping))


def _plain(mapping: Mapping[str, Any], write: SerializerFunctionWrapHandler) -> object:
    return write(dict(mapping))


def _one_line(text: str) -> str:
    if text != text.strip() or not text:
        raise ValueError("must be text without space around it")
    if _CONTROL_CHARACTER.search(text):
        raise ValueError("must be one line without control characters")
    return text


def _web_address(text: str) -> str:
    parse_web_address(text)
    return text


def _nameable_level(value: object) -> Level:
    level = value if isinstance(value, Level) else Level.parse(str(value))
    if not level.can_be_named:
        raise LevelError(
            f"{level} cannot be named: protection none is what an unknown value falls to by itself"
        )
    return level


Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,64}$")]
"""The id of a service or a provider: 2 to 64 of `a-z`, `0-9` and `-`."""

OneLine = Annotated[str, StringConstraints(max_length=500), AfterValidator(_one_line)]
"""Text that people read, on one line, without characters that could reorder a page."""

WebAddress = Annotated[str, AfterValidator(_web_address), WithJsonSchema({"type": "string", "format": "uri"})]
"""An absolute address, kept exactly as written; see `config.addresses`."""

NamedLevel = Annotated[
    Level,
    PlainValidator(_nameable_level),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "enum": [str(level) for level in NAMEABLE_LEVELS]}),
]
"""A level written `<proofing>.<protection>`, never with protection `none`."""

FrozenMapping = Annotated[Mapping[str, Value], AfterValidator(_read_only), WrapSerializer(_plain)]
"""A mapping by name that cannot be changed once read."""
