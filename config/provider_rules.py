"""What the fields of one provider must not say together: PROVIDER_RULES, as in `config.service_rules`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from config.environment import Environment
from config.finding import Finding, Path
from config.identity_provider import (
    IdentityProvider,
    ProviderStatus,
    ReportCertification,
    SelfDeclaredCertification,
)

SettingsValidator = Callable[[Mapping[str, object]], object]
"""An adapter's own reading of `settings`.

It raises a ValueError for settings that it refuses; where the error has `faults`, pairs of a field path
inside the settings ("scopes[0]", "" for all) and a message, each becomes a fault of its own.
"""


@dataclass(frozen=True, slots=True)
class ProviderRule:
    """The fields a rule reads, and the rule."""

    reads: frozenset[str]
    find: Callable[[IdentityProvider, Environment], Iterator[Finding]]


def certification_can_be_checked(provider: IdentityProvider, _: Environment) -> Iterator[Finding]:
    """A report is worth only the signature that somebody has verified."""
    if isinstance(provider.certification, ReportCertification):
        yield Finding(
            ("certification", "report"),
            "certification reports are not supported yet; use self_declared outside production",
        )


def nobody_certifies_himself_in_production(
    provider: IdentityProvider, environment: Environment
) -> Iterator[Finding]:
    """A provider's own word is for trying things out."""
    if environment is Environment.PRODUCTION and isinstance(
        provider.certification, SelfDeclaredCertification
    ):
        yield Finding(("certification", "self_declared"), "is refused in environment production")


def closing_has_a_last_day(provider: IdentityProvider, _: Environment) -> Iterator[Finding]:
    """People are told until when, and only a provider that is closing has a last day."""
    if provider.status is ProviderStatus.CLOSING and provider.until is None:
        yield Finding(("until",), "is required while status is closing")
    if provider.status is not ProviderStatus.CLOSING and provider.until is not None:
        yield Finding(("until",), f"must be left out while status is {provider.status}")


def documents_repeat_nothing(provider: IdentityProvider, _: Environment) -> Iterator[Finding]:
    """A document listed twice is a mistake in one of the two."""
    for index, document in enumerate(provider.documents):
        if document in provider.documents[:index]:
            yield Finding(("documents", index), f"{document} is listed twice")


PROVIDER_RULES: tuple[ProviderRule, ...] = (
    ProviderRule(frozenset({"certification"}), certification_can_be_checked),
    ProviderRule(frozenset({"certification"}), nobody_certifies_himself_in_production),
    ProviderRule(frozenset({"status", "until"}), closing_has_a_last_day),
    ProviderRule(frozenset({"documents"}), documents_repeat_nothing),
)


def settings_suit_the_adapter(
    provider: IdentityProvider, validators: Mapping[str, SettingsValidator]
) -> Iterator[Finding]:
    """The adapter exists, and takes these settings."""
    validate = validators.get(provider.adapter)
    if validate is None:
        known = ", ".join(sorted(validators)) or "none"
        yield Finding(("adapter",), f"{provider.adapter} is not an adapter of this hub (known: {known})")
        return
    try:
        validate(provider.settings)
    except ValueError as error:
        for field, message in _told_by(error):
            yield Finding(("settings", *_read_path(field)), message)


def _told_by(error: ValueError) -> tuple[tuple[str, str], ...]:
    faults: tuple[tuple[str, str], ...] = tuple(getattr(error, "faults", ()))
    return faults or (("", str(error)),)


def _read_path(written: str) -> Path:
    steps = written.replace("[", ".").replace("]", "").split(".")
    return tuple(int(step) if step.isdecimal() else step for step in steps if step)
