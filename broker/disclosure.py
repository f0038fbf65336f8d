"""What may leave the hub: requested ∩ registered ∩ agreed, and nothing else (design, promise 2).

Invariant: every value in the answer to a service was asked for in this request, is covered by the service's
registration, and was agreed to by name; adding to one of the three never adds what the other two lack. Values
that must rest on a verified source are withheld below protection medium, and where nothing was proved. A
value that is missing, empty or of the wrong JSON type is left out, never sent as null or "" (OIDC Core
§5.3.2).
"""

from __future__ import annotations

import enum
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from broker.derived import derived_value, uk_date
from config.attributes import CATALOGUE, CLAIMS, CataloguedAttribute
from config.confidence import Level, Proofing, Protection
from config.federation import RelyingService
from idp_adapters.identity import JsonValue, VerifiedIdentity

EVERYTHING_REGISTERED: Final = "attributes"
"""The scope that stands for all attributes that the service registered."""


class Target(enum.StrEnum):
    """Where a claim goes; what was asked for one never appears in the other."""

    USERINFO = "userinfo"
    ID_TOKEN = "id_token"  # noqa: S105, the name of an answer, not a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCondition:
    """On what condition a service wants a claim (OIDC Core §5.5.1).

    `values` are the only values that will do, None when any will. `essential` never makes a missing claim an
    error.
    """

    essential: bool
    values: tuple[JsonValue, ...] | None

    def admits(self, value: JsonValue) -> bool:
        """Whether the value is one that will do; JSON's types count, so 1 is not true."""
        if self.values is None:
            return True
        return any(_canonical(value) == _canonical(wanted) for wanted in self.values)


ANY_VALUE: Final = ClaimCondition(essential=False, values=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a service asked for: by scope, and claim by claim for each answer."""

    scope: tuple[str, ...]
    userinfo: Mapping[str, ClaimCondition]
    id_token: Mapping[str, ClaimCondition]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAttribute:
    """A registered attribute that was asked for, and those of its claims that were, for each answer."""

    name: str
    required: bool
    userinfo: Mapping[str, ClaimCondition]
    id_token: Mapping[str, ClaimCondition]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedItem:
    """An attribute that could be shared: `values` are all that agreeing to it could give, by claim.

    `userinfo` and `id_token` are what would leave now. Where they lack what a condition of the service shuts out, the
    citizen is asked all the same: else being asked or not would tell the service how its condition fared.
    """

    attribute: str
    required: bool
    userinfo: Mapping[str, JsonValue]
    id_token: Mapping[str, JsonValue]
    values: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the citizen is asked to share; `missing` names required attributes of which there is no value."""

    items: tuple[ProposedItem, ...]
    missing: tuple[str, ...]

    def agreed(self, ticked: Collection[str]) -> frozenset[str]:
        """Return the attributes shared by a yes with these optional ones ticked; all else is ignored."""
        return frozenset(item.attribute for item in self.items if item.required or item.attribute in ticked)


def wanted(wish: Wish, service: RelyingService) -> tuple[WantedAttribute, ...]:
    """Return the registered attributes that are asked for, in the order of the registration.

    Scopes ask for the userinfo answer only (OIDC Core §5.4); the `claims` parameter asks singly, for either.
    """
    chosen = (
        _wanted_attribute(CATALOGUE[entry.name], wish, required=entry.required)
        for entry in service.attributes
    )
    return tuple(attribute for attribute in chosen if attribute.userinfo or attribute.id_token)


def beyond_registration(wish: Wish, service: RelyingService) -> tuple[str, ...]:
    """Return the known claims that were asked for without being registered, for the audit trail (A-AZ-08)."""
    registered = {claim for entry in service.attributes for claim in CATALOGUE[entry.name].claims}
    return tuple(sorted((wish.userinfo.keys() | wish.id_token.keys()) & (CLAIMS - registered)))


def proposed(
    service: RelyingService, wish: Wish, identity: VerifiedIdentity, level: Level, now: datetime
) -> Proposal:
    """Work out what there is to share, derived values included, at the effective level of this sign-in."""
    today = uk_date(now)
    items: list[ProposedItem] = []
    missing: list[str] = []
    for attribute in wanted(wish, service):
        entry = CATALOGUE[attribute.name]
        values = available(entry, identity.attributes, level, today)
        asked = attribute.userinfo.keys() | attribute.id_token.keys()
        at_stake = {claim: value for claim, value in values.items() if claim in asked}
        if at_stake:
            items.append(
                ProposedItem(
                    attribute=attribute.name,
                    required=attribute.required,
                    userinfo=_admitted(attribute.userinfo, values),
                    id_token=_admitted(attribute.id_token, values),
                    values=MappingProxyType(at_stake),
                )
            )
        elif attribute.required:
            missing.append(attribute.name)
    return Proposal(items=tuple(items), missing=tuple(missing))


def available(
    entry: CataloguedAttribute, attributes: Mapping[str, JsonValue], level: Level, today: date
) -> Mapping[str, JsonValue]:
    """Return the claims of one attribute that can be given at this level, by name, without empty ones."""
    if entry.needs_verified_source and not may_give_verified(level):
        return {}
    if entry.is_derived:
        value = derived_value(entry.name, attributes, today)
        return {} if value is None else {entry.name: value}
    found = ((claim, _usable(claim, attributes.get(claim))) for claim in entry.claims)
    return {claim: value for claim, value in found if value is not None}


def may_give_verified(level: Level) -> bool:
    """Whether verified attributes may go out: protection medium, and something was proved (A-AS-06)."""
    return level.protection >= Protection.MEDIUM and level.proofing > Proofing.NONE


def released(proposal: Proposal, shared: Collection[str], target: Target) -> dict[str, JsonValue]:
    """Return the claims for one answer: only of attributes that were agreed to by name."""
    claims: dict[str, JsonValue] = {}
    for item in proposal.items:
        if item.attribute in shared:
            claims.update(item.userinfo if target is Target.USERINFO else item.id_token)
    return claims


def _wanted_attribute(entry: CataloguedAttribute, wish: Wish, *, required: bool) -> WantedAttribute:
    by_scope = EVERYTHING_REGISTERED in wish.scope or (
        entry.scope is not None and entry.scope.value in wish.scope
    )
    return WantedAttribute(
        name=entry.name,
        required=required,
        userinfo=_conditions(entry.claims, wish.userinfo, by_scope=by_scope),
        id_token=_conditions(entry.claims, wish.id_token, by_scope=False),
    )


def _conditions(
    claims: Iterable[str], asked: Mapping[str, ClaimCondition], *, by_scope: bool
) -> Mapping[str, ClaimCondition]:
    if by_scope:
        return MappingProxyType({claim: asked.get(claim, ANY_VALUE) for claim in claims})
    return MappingProxyType({claim: asked[claim] for claim in claims if claim in asked})


def _admitted(
    asked: Mapping[str, ClaimCondition], values: Mapping[str, JsonValue]
) -> Mapping[str, JsonValue]:
    found = {claim: values[claim] for claim in asked if claim in values}
    return MappingProxyType({claim: value for claim, value in found.items() if asked[claim].admits(value)})


_BOOLEANS: Final = frozenset({"email_verified", "phone_number_verified"})
_OBJECTS: Final = frozenset({"address", "place_of_birth"})
_LISTS: Final = frozenset({"nationalities"})
_EITHER: Final = frozenset({"also_known_as"})


def _usable(claim: str, value: JsonValue | None) -> JsonValue | None:
    """Return the value in its claim's JSON type, without empty members; None when nothing usable is left."""
    if claim in _BOOLEANS:
        return value if isinstance(value, bool) else None
    if claim == "updated_at":
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if claim in _OBJECTS or (claim in _EITHER and isinstance(value, dict)):
        return _usable_object(value)
    if claim in _LISTS or (claim in _EITHER and isinstance(value, list)):
        return _usable_list(value)
    return value if isinstance(value, str) and value.strip() else None


def _usable_object(value: JsonValue | None) -> JsonValue | None:
    if not isinstance(value, dict):
        return None
    return {name: text for name, text in value.items() if isinstance(text, str) and text.strip()} or None


def _usable_list(value: JsonValue | None) -> JsonValue | None:
    if not isinstance(value, list):
        return None
    return [text for text in value if isinstance(text, str) and text.strip()] or None


def _canonical(value: JsonValue) -> str:
    return json.dumps(value, sort_keys=True)
