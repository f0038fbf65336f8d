"""What changes between two federations, in words that a reviewer and the audit journal can keep.

Fields are compared one by one; entries of a list that have a name (attributes, keys) are compared by it, so
that a new attribute in the middle does not look like a change of all that follow.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from config.federation import Federation
from config.identity_provider import IdentityProvider
from config.relying_service import RelyingService

_HIDDEN = frozenset({"secret_sha256"})


class ChangeKind(enum.StrEnum):
    """What happened to an entry or one of its fields."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference: of a whole entry when `field` is empty, else of one field from `old` to `new`.

    `entry` is "service" or "provider". A value that is not there is written "nothing", a secret's digest is
    hidden.
    """

    kind: ChangeKind
    entry: str
    id: str
    field: str = ""
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        if not self.field:
            return f"{self.entry} {self.id} {self.kind}"
        return f"{self.entry} {self.id}: {self.field} from {self.old} to {self.new}"


def diff(old: Federation | None, new: Federation) -> tuple[Change, ...]:
    """Return every difference, providers before services, by id and field; none for equal federations."""
    providers: Mapping[str, IdentityProvider] = old.providers if old else MappingProxyType({})
    services: Mapping[str, RelyingService] = old.services if old else MappingProxyType({})
    return (
        *_between("provider", providers, new.providers),
        *_between("service", services, new.services),
    )


def _between(
    entry: str,
    old: Mapping[str, RelyingService] | Mapping[str, IdentityProvider],
    new: Mapping[str, RelyingService] | Mapping[str, IdentityProvider],
) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield Change(kind=ChangeKind.REMOVED, entry=entry, id=name)
        elif name not in old:
            yield Change(kind=ChangeKind.ADDED, entry=entry, id=name)
        else:
            yield from _fields(entry, name, old[name], new[name])


def _fields(
    entry: str, name: str, old: RelyingService | IdentityProvider, new: RelyingService | IdentityProvider
) -> Iterator[Change]:
    before = dict(_flat("", old.model_dump(mode="json", by_alias=True)))
    after = dict(_flat("", new.model_dump(mode="json", by_alias=True)))
    for field in sorted(before.keys() | after.keys()):
        if before.get(field) == after.get(field):
            continue
        hidden = field.rpartition(".")[2] in _HIDDEN
        was, becomes = (_in_words(side.get(field), hidden=hidden) for side in (before, after))
        # Where a whole part comes or goes, its members tell it.
        if hidden or was != becomes:
            yield Change(kind=ChangeKind.CHANGED, entry=entry, id=name, field=field, old=was, new=becomes)


def _flat(path: str, value: object) -> Iterator[tuple[str, object]]:
    """Walk down to single values, and to lists without named entries."""
    if isinstance(value, dict) and value:
        for name, part in value.items():
            yield from _flat(f"{path}.{name}" if path else name, part)
    elif isinstance(value, list) and (named := _by_name(value)):
        for name, part in named.items():
            yield from _flat(f"{path}[{name}]", part)
    else:
        yield path, value


def _by_name(entries: list[object]) -> dict[str, object]:
    for key in ("name", "kid"):
        if all(isinstance(entry, dict) and isinstance(entry.get(key), str) for entry in entries):
            return {entry[key]: entry for entry in entries if isinstance(entry, dict)}
    return {}


def _in_words(value: object, *, hidden: bool) -> str:
    if value is None or value in ([], {}):
        return "nothing"
    if hidden:
        return "a secret"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_in_words(part, hidden=False) for part in value)
    return str(value)
