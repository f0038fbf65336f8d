"""The closed catalogue of attributes that a service may register for.

An attribute is what a person reads on the agreement page; claims are what tokens carry. Each attribute says
which claims it stands for, from which attribute the hub derives it, which standard scope covers it, and
whether its value must rest on a verified source. A name that is not here cannot be registered, so it can
never be released.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

OLDEST_AGE = 120


class Scope(enum.StrEnum):
    """Scopes of OpenID Connect Core 5.4 that stand for claims."""

    PROFILE = "profile"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"


class Origin(enum.StrEnum):
    """Where an attribute's definition comes from."""

    STANDARD = "standard"
    """OpenID Connect Core 5.1."""
    IDENTITY_ASSURANCE = "identity_assurance"
    """OpenID Connect for Identity Assurance, the extra claims of section 4."""
    DERIVED = "derived"
    """Worked out by the hub at release, so that the input need not leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguedAttribute:
    """One attribute: its claims in the order they are shown, and the conditions on its value.

    `derived_from` names the attribute that a derived value is computed from, else it is None. `scope` is None
    where only the `attributes` scope or the `claims` parameter can ask. `age` is the bound of `age_over_NN`,
    else None.
    """

    name: str
    claims: tuple[str, ...]
    origin: Origin
    scope: Scope | None
    needs_verified_source: bool
    derived_from: str | None = None
    age: int | None = None

    @property
    def is_derived(self) -> bool:
        """Whether the hub computes this attribute, rather than passing a provider's value on."""
        return self.origin is Origin.DERIVED


def _standard(
    name: str, scope: Scope, *, verified: bool = False, claims: tuple[str, ...] = ()
) -> CataloguedAttribute:
    return CataloguedAttribute(
        name=name,
        claims=claims or (name,),
        origin=Origin.STANDARD,
        scope=scope,
        needs_verified_source=verified,
    )


def _identity_assurance(name: str, *, verified: bool) -> CataloguedAttribute:
    return CataloguedAttribute(
        name=name,
        claims=(name,),
        origin=Origin.IDENTITY_ASSURANCE,
        scope=None,
        needs_verified_source=verified,
    )


def _derived(name: str, source: str, *, age: int | None = None) -> CataloguedAttribute:
    return CataloguedAttribute(
        name=name,
        claims=(name,),
        origin=Origin.DERIVED,
        scope=None,
        needs_verified_source=True,
        derived_from=source,
        age=age,
    )


_ENTRIES: tuple[CataloguedAttribute, ...] = (
    _standard(
        "name", Scope.PROFILE, verified=True, claims=("name", "given_name", "middle_name", "family_name")
    ),
    _standard("given_name", Scope.PROFILE, verified=True),
    _standard("middle_name", Scope.PROFILE, verified=True),
    _standard("family_name", Scope.PROFILE, verified=True),
    _standard("nickname", Scope.PROFILE),
    _standard("preferred_username", Scope.PROFILE),
    _standard("profile", Scope.PROFILE),
    _standard("picture", Scope.PROFILE),
    _standard("website", Scope.PROFILE),
    _standard("gender", Scope.PROFILE, verified=True),
    _standard("birthdate", Scope.PROFILE, verified=True),
    _standard("zoneinfo", Scope.PROFILE),
    _standard("locale", Scope.PROFILE),
    _standard("updated_at", Scope.PROFILE),
    _standard("email", Scope.EMAIL),
    _standard("email_verified", Scope.EMAIL),
    _standard("phone_number", Scope.PHONE),
    _standard("phone_number_verified", Scope.PHONE),
    _standard("address", Scope.ADDRESS, verified=True),
    _identity_assurance("place_of_birth", verified=True),
    _identity_assurance("nationalities", verified=True),
    _identity_assurance("birth_family_name", verified=True),
    _identity_assurance("birth_given_name", verified=True),
    _identity_assurance("birth_middle_name", verified=True),
    _identity_assurance("salutation", verified=False),
    _identity_assurance("title", verified=False),
    _identity_assurance("msisdn", verified=False),
    _identity_assurance("also_known_as", verified=False),
    _derived("postcode_area", "address"),
    _derived("country_of_residence", "address"),
    _derived("name_initial", "name"),
    _derived("born_in_year_range", "birthdate"),
    *(_derived(f"age_over_{age}", "birthdate", age=age) for age in range(1, OLDEST_AGE + 1)),
)

CATALOGUE: Mapping[str, CataloguedAttribute] = MappingProxyType({entry.name: entry for entry in _ENTRIES})
"""Every attribute by its name, in the order in which pages list them."""

CLAIMS: frozenset[str] = frozenset(claim for entry in _ENTRIES for claim in entry.claims)
"""Every claim that some attribute stands for."""


def attributes_in_scope(scope: Scope) -> tuple[CataloguedAttribute, ...]:
    """Return the attributes that a standard scope covers, in catalogue order."""
    return tuple(entry for entry in _ENTRIES if entry.scope is scope)


def attributes_giving(claim: str) -> tuple[CataloguedAttribute, ...]:
    """Return the attributes that stand for a claim: `given_name` comes with `name` and by itself."""
    return tuple(entry for entry in _ENTRIES if claim in entry.claims)
