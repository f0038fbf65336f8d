"""The audit events of operators' commands; they follow the rules of `broker.events`."""

from dataclasses import dataclass
from typing import ClassVar

from audit.entry import Event, vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaUpgraded(Event):
    """The database was brought to another revision of the schema."""

    kind: ClassVar[str] = "schema.upgraded"
    revision: str
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysCreated(Event):
    """Keys were made, each named as use and key id: `seal/0123456789abcdef`."""

    kind: ClassVar[str] = "keys.created"
    keys: tuple[str, ...]
    operator: str


VOCABULARY = vocabulary(SchemaUpgraded, KeysCreated)
