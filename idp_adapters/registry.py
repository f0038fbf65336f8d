"""Which protocols the hub speaks: one table. Configuration chooses a key, never an import path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from joserfc.jwk import ECKey

from config.federation import IdentityProvider
from idp_adapters.contract import IdentityProviderAdapter
from idp_adapters.errors import AdapterSettingsError
from idp_adapters.oidc.adapter import OidcAdapter
from idp_adapters.oidc.settings import read_settings as read_oidc_settings
from idp_adapters.outbound import OutboundClient


def build_adapter(
    provider: IdentityProvider,
    *,
    issuer: str,
    client_key: ECKey,
    outbound: OutboundClient,
    client_secrets: Mapping[str, str] | None = None,
) -> IdentityProviderAdapter:
    """Return the adapter of a registered provider, which calls nobody until it is used.

    `issuer` is the hub's own; `client_key` (P-256, with `kid`) is what the hub authenticates with;
    `client_secrets` holds the environment variables that registrations may name. Keep the adapter for as long
    as the registration stands: it remembers the provider's description and keys. Raises
    `AdapterSettingsError`.
    """
    build = ADAPTERS.get(provider.adapter)
    if build is None:
        raise AdapterSettingsError((("adapter", f"must be one of {', '.join(ADAPTERS)}"),))
    return build(provider, callback_url(issuer, provider.id), client_key, outbound, client_secrets or {})


def callback_url(issuer: str, provider_id: str) -> str:
    """Return where this provider, and no other, sends the browser back to (attack A-UO-01)."""
    return f"{issuer}/providers/{provider_id}/callback"


def _oidc(
    provider: IdentityProvider,
    callback: str,
    client_key: ECKey,
    outbound: OutboundClient,
    client_secrets: Mapping[str, str],
) -> IdentityProviderAdapter:
    return OidcAdapter(
        provider_id=provider.id,
        settings=read_oidc_settings(provider.settings),
        callback_url=callback,
        client_key=client_key,
        outbound=outbound,
        client_secrets=client_secrets,
    )


Build = Callable[[IdentityProvider, str, ECKey, OutboundClient, Mapping[str, str]], IdentityProviderAdapter]

ADAPTERS: Mapping[str, Build] = MappingProxyType({"oidc": _oidc})
"""Protocol name, as registrations spell it, to what builds its adapter."""

SETTINGS_VALIDATORS: Mapping[str, Callable[[Mapping[str, object]], object]] = MappingProxyType(
    {"oidc": read_oidc_settings}
)
"""Protocol name to what checks its `settings`: raises `AdapterSettingsError` with all faults."""
