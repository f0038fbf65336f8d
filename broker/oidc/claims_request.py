"""The `claims` parameter: which claims a service asks for one by one, and on what condition (OIDC Core §5.5).

Invariant: a `ClaimsRequest` holds only well-formed wishes. What the hub does not know is kept by name, so
that it can be counted, and is left out at release; a malformed member is an error, because half of a
condition is none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from broker.disclosure import ANY_VALUE, ClaimCondition
from broker.oidc.request_errors import MalformedClaimsError
from idp_adapters.identity import JsonValue

DEEPEST: Final = 12
"""Levels of nesting; `verified_claims` with evidence needs eight."""
MOST_CLAIMS: Final = 200
LONGEST_CLAIM_NAME: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsRequest:
    """Claims asked for by name, apart for the userinfo answer and for the ID token."""

    userinfo: Mapping[str, ClaimCondition]
    id_token: Mapping[str, ClaimCondition]

    @property
    def essential_acr_values(self) -> tuple[str, ...] | None:
        """The `acr` values of which one must be met, None when the level is voluntary (§5.5.1.1)."""
        acr = self.id_token.get("acr")
        return None if acr is None or not acr.essential else _texts(acr.values)

    @property
    def voluntary_acr_values(self) -> tuple[str, ...]:
        """The `acr` values asked for in `claims` that need not be met."""
        acr = self.id_token.get("acr")
        return () if acr is None or acr.essential else _texts(acr.values) or ()

    @property
    def required_subjects(self) -> tuple[str, ...] | None:
        """The `sub` values of which the citizen's must be one, None when anybody may answer."""
        subject = self.id_token.get("sub")
        return None if subject is None else _texts(subject.values)

    def to_json(self) -> dict[str, JsonValue]:
        """Write the same compact object that `from_json` reads."""
        targets = (("userinfo", self.userinfo), ("id_token", self.id_token))
        return {name: _members(wishes) for name, wishes in targets if wishes}

    @classmethod
    def from_json(cls, value: Mapping[str, JsonValue]) -> ClaimsRequest:
        """Read what `to_json` wrote; raises MalformedClaimsError for anything else."""
        return _claims_request(value)


NO_CLAIMS: Final = ClaimsRequest(userinfo=MappingProxyType({}), id_token=MappingProxyType({}))


def parse_claims_request(text: str | None) -> ClaimsRequest:
    """Read the parameter; a missing one asks for nothing.

    Raises MalformedClaimsError for what is not JSON, repeats a member, is too deep or too long, or is not the
    object of OIDC Core §5.5. Members other than `userinfo` and `id_token` are ignored there, as the standard
    says.
    """
    if text is None:
        return NO_CLAIMS
    try:
        value = json.loads(text, object_pairs_hook=_distinct, parse_constant=_no_constant)
        # Numbers beyond all bounds and halves of surrogate pairs are read by Python, and by nobody after it.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise MalformedClaimsError(f"expected JSON: {error}") from error
    if not isinstance(value, dict):
        raise MalformedClaimsError(f"expected an object, got {type(value).__name__}")
    _refuse_excess(value)
    return _claims_request(value)


def _claims_request(value: Mapping[str, JsonValue]) -> ClaimsRequest:
    return ClaimsRequest(
        userinfo=_wishes(value.get("userinfo"), "userinfo"),
        id_token=_wishes(value.get("id_token"), "id_token"),
    )


def _wishes(value: JsonValue | None, target: str) -> Mapping[str, ClaimCondition]:
    if value is None:
        return NO_CLAIMS.userinfo
    if not isinstance(value, dict):
        raise MalformedClaimsError(f"expected an object for {target}, got {type(value).__name__}")
    if len(value) > MOST_CLAIMS:
        raise MalformedClaimsError(f"expected at most {MOST_CLAIMS} claims for {target}, got {len(value)}")
    return MappingProxyType({
        name: _condition(wish, target)
        for name, wish in value.items()
        # Verified claims have a syntax of their own and are not given yet: ignored like every unknown claim.
        if name != "verified_claims" and len(name) <= LONGEST_CLAIM_NAME
    })  # fmt: skip


def _condition(wish: JsonValue | None, target: str) -> ClaimCondition:
    if wish is None:
        return ANY_VALUE
    if not isinstance(wish, dict):
        raise MalformedClaimsError(f"expected null or an object for each claim of {target}")
    essential = wish.get("essential", False)
    if not isinstance(essential, bool):
        raise MalformedClaimsError(f"expected true or false for essential in {target}")
    if "value" in wish and "values" in wish:
        raise MalformedClaimsError(f"expected value or values in {target}, got both")
    if "value" in wish:
        return ClaimCondition(essential=essential, values=(wish["value"],))
    if "values" not in wish:
        return ClaimCondition(essential=essential, values=None)
    values = wish["values"]
    if not isinstance(values, list) or not values:
        raise MalformedClaimsError(f"expected a list with something in it for values in {target}")
    return ClaimCondition(essential=essential, values=tuple(values))


def _members(wishes: Mapping[str, ClaimCondition]) -> dict[str, JsonValue]:
    members: dict[str, JsonValue] = {}
    for name, wish in wishes.items():
        member: dict[str, JsonValue] = {"essential": True} if wish.essential else {}
        if wish.values is not None:
            member["values"] = list(wish.values)
        members[name] = member
    return members


def _texts(values: tuple[JsonValue, ...] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(value for value in values if isinstance(value, str))


def _distinct(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedClaimsError("expected each member once")
    return members


def _no_constant(name: str) -> JsonValue:
    raise MalformedClaimsError(f"expected JSON, which has no {name}")


def _refuse_excess(value: JsonValue) -> None:
    level: list[JsonValue] = [value]
    for _ in range(DEEPEST):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise MalformedClaimsError(f"expected at most {DEEPEST} levels of nesting")


def _children(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
