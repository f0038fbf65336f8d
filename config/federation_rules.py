"""What entries of the registry must not say about each other, and what is allowed but worth a warning.

Rules see every entry that could be read at all, so that one broken file does not hide what is wrong
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from config.confidence import Protection
from config.finding import Finding
from config.identity_provider import IdentityProvider
from config.relying_service import LawfulBasis, RelyingService, ServiceKind


def providers_named_exist(service: RelyingService, provider_ids: frozenset[str]) -> Iterator[Finding]:
    """A service that allows or denies a provider means one of this federation."""
    for field, names in (("allow", service.providers.allowed), ("deny", service.providers.deny)):
        for index, name in enumerate(names):
            if name not in provider_ids:
                known = ", ".join(sorted(provider_ids)) or "none"
                yield Finding(
                    ("providers", field, index), f"{name} is not a provider of this registry (known: {known})"
                )


def warnings_about(service: RelyingService, providers: Iterable[IdentityProvider]) -> Iterator[Finding]:
    """Return what a reviewer should know: nothing here makes a registration unusable or unsafe."""
    minimum = service.assurance.minimum
    wanted = (minimum, *service.assurance.acceptable)
    admitted = [provider for provider in providers if service.providers.admits(provider.id)]
    reached = [entry.level for provider in admitted for entry in provider.levels.values()]
    if not any(level.meets(each) for level in reached for each in wanted):
        yield Finding(("assurance", "minimum"), f"no provider that the service takes reaches {minimum}")
    if service.attributes:
        for index, level in enumerate(service.assurance.acceptable):
            if level.protection < Protection.MEDIUM:
                yield Finding(
                    ("assurance", "acceptable", index), f"no verified attribute is released at {level}"
                )
        if service.privacy_notice is None:
            yield Finding((), "has no privacy_notice although it receives attributes")
    if service.kind is ServiceKind.PRIVATE and service.lawful_basis is LawfulBasis.PUBLIC_TASK:
        yield Finding(("lawful_basis",), "public_task is unusual for a private service")
