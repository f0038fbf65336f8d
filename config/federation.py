"""The federation: which services and providers take part, and on what terms.

This is the registry as the rest of the hub sees it, frozen and already checked by `config.federation_file`.
All names that other packages need are importable from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from config.algorithms import ContentEncryption, KeyAgreement, SigningAlgorithm
from config.client_authentication import (
    ClientAuthentication,
    ClientAuthenticationMethod,
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
    SelfSignedTlsClientAuth,
    TlsClientAuth,
)
from config.identity_provider import (
    Certificate,
    Certification,
    IdentityProvider,
    ProviderKind,
    ProviderLevel,
    ProviderStatus,
    ReportCertification,
    SelfDeclaredCertification,
)
from config.localised_text import LocalisedAddress, LocalisedText
from config.public_keys import PublicKey, PublicKeySet
from config.relying_service import (
    Assurance,
    AuthorizationResponse,
    IdTokenForm,
    LawfulBasis,
    Pkce,
    ProviderChoice,
    RelyingService,
    RequestedAttribute,
    RequestObject,
    SecurityProfile,
    SenderConstraint,
    ServiceKind,
    TokenEncryption,
    UserinfoForm,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Assurance",
    "AuthorizationResponse",
    "Certificate",
    "Certification",
    "ClientAuthentication",
    "ClientAuthenticationMethod",
    "ClientSecretBasic",
    "ClientSecretPost",
    "ContentEncryption",
    "Federation",
    "IdTokenForm",
    "IdentityProvider",
    "KeyAgreement",
    "LawfulBasis",
    "LocalisedAddress",
    "LocalisedText",
    "Pkce",
    "PrivateKeyJwt",
    "ProviderChoice",
    "ProviderKind",
    "ProviderLevel",
    "ProviderStatus",
    "PublicKey",
    "PublicKeySet",
    "RelyingService",
    "ReportCertification",
    "RequestObject",
    "RequestedAttribute",
    "SecurityProfile",
    "SelfDeclaredCertification",
    "SelfSignedTlsClientAuth",
    "SenderConstraint",
    "ServiceKind",
    "SigningAlgorithm",
    "TlsClientAuth",
    "TokenEncryption",
    "UserinfoForm",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    """Services and providers by id, each in alphabetical order; changing it means applying a new revision."""

    services: Mapping[str, RelyingService]
    providers: Mapping[str, IdentityProvider]

    @classmethod
    def of(cls, services: Iterable[RelyingService], providers: Iterable[IdentityProvider]) -> Self:
        """Put entries under their ids; the caller has seen to it that no id comes twice."""
        return cls(
            services=MappingProxyType({service.id: service for service in sorted(services, key=_by_id)}),
            providers=MappingProxyType({provider.id: provider for provider in sorted(providers, key=_by_id)}),
        )

    def providers_for(self, service: RelyingService) -> tuple[IdentityProvider, ...]:
        """Return the providers that a service's own list admits, whatever their state or level."""
        return tuple(
            provider for provider in self.providers.values() if service.providers.admits(provider.id)
        )


def _by_id(entry: RelyingService | IdentityProvider) -> str:
    return entry.id
