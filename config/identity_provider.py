"""An identity provider as it is registered: providers/*.yaml.

What a provider's own assurance value is worth is said here value by value, and only for as long as its
certification is in force. Whatever is not written down is worth nothing.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Discriminator, Field, JsonValue, StringConstraints, Tag

from config.confidence import NO_LEVEL, Level
from config.localised_text import LocalisedText
from config.registry_model import FrozenMapping, Identifier, NamedLevel, OneLine, RegistryModel


class ProviderKind(enum.StrEnum):
    """Who runs the provider."""

    PRIVATE = "private"
    PUBLIC = "public"
    MUTUAL = "mutual"


class ProviderStatus(enum.StrEnum):
    """Whether newcomers may use the provider; suspending is not a registration but an operator's overlay."""

    OPEN = "open"
    CLOSING = "closing"


class ProviderLevel(RegistryModel):
    """What one raw assurance value is worth, and the scheme and version that say so (`gpg45/0.4`)."""

    level: NamedLevel
    scheme: Annotated[
        str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*/[A-Za-z0-9][A-Za-z0-9.-]*$", max_length=100)
    ]


class Evidence(RegistryModel):
    """Whether scores that the provider asserts are trusted enough to work out identity profiles from them."""

    trusted: bool = False


class ReportCertification(RegistryModel):
    """A certification report made by the kit: a file beside the registry, signed by the scheme operator."""

    report: OneLine


class SelfDeclaredCertification(RegistryModel):
    """The provider's word alone, up to and including a day; never in production."""

    self_declared: Literal[True]
    not_after: date


def _certification_form(value: object) -> str:
    is_report = isinstance(value, ReportCertification) or (isinstance(value, dict) and "report" in value)
    return "<report>" if is_report else "<self-declared>"


Certification = Annotated[
    Annotated[ReportCertification, Tag("<report>")]
    | Annotated[SelfDeclaredCertification, Tag("<self-declared>")],
    Discriminator(_certification_form),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a provider may assert at an instant: a cap per raw value, in force until `until` (exclusive)."""

    caps: Mapping[str, Level]
    until: datetime
    self_declared: bool

    def cap(self, raw_value: str) -> Level:
        """Return the highest level that this value may be taken for; nothing for a value not certified."""
        return self.caps.get(raw_value, NO_LEVEL)


class IdentityProvider(RegistryModel):
    """A provider that people may prove their identity with, and the adapter that speaks its protocol."""

    id: Identifier
    name: LocalisedText
    kind: ProviderKind
    adapter: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{2,64}$")]
    settings: FrozenMapping[JsonValue]
    """Judged by the adapter alone; plain JSON values, to be parsed by it once."""
    levels: Annotated[FrozenMapping[ProviderLevel], Field(min_length=1)]
    evidence: Evidence = Evidence()
    documents: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")], ...] = ()
    certification: Certification
    status: ProviderStatus = ProviderStatus.OPEN
    until: date | None = None
    """The last day, when the provider is closing."""

    def level_of(self, raw_value: str) -> Level:
        """Return what exactly this raw value is registered for, and nothing for any other text."""
        registered = self.levels.get(raw_value)
        return registered.level if registered is not None else NO_LEVEL

    @property
    def certified_until(self) -> datetime | None:
        """When the certification ends: with its last day, in UTC; None while there is none."""
        if isinstance(self.certification, SelfDeclaredCertification):
            return _end_of_day(self.certification.not_after)
        # A report counts only when the kit's signature has been verified, which this version cannot do.
        return None

    def certificate_for(self, at: datetime) -> Certificate | None:
        """Return the certification in force at an instant (aware), or None when there is none.

        `standards.md` 2.8, step 2: the instant that counts is that of the authentication.
        """
        until = self.certified_until
        if until is None or at >= until:
            return None
        caps = MappingProxyType({raw_value: entry.level for raw_value, entry in self.levels.items()})
        return Certificate(caps=caps, until=until, self_declared=True)

    def reachable_levels(self, at: datetime) -> frozenset[Level]:
        """Return the levels that this provider can give at an instant, after the cap of its certification."""
        certificate = self.certificate_for(at)
        if certificate is None:
            return frozenset()
        return frozenset(entry.level.capped_by(certificate.cap(raw)) for raw, entry in self.levels.items())


def _end_of_day(day: date) -> datetime:
    # The last day that a calendar can hold has no next one.
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
