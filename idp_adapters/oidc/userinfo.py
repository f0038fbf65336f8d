"""What userinfo adds about the person in the ID token, and about nobody else; OpenID Connect Core §5.3."""

from __future__ import annotations

from dataclasses import dataclass

from idp_adapters.errors import IdentityProviderError, UntrustedAnswerError
from idp_adapters.json_object import JsonObject
from idp_adapters.oidc.discovery import ProviderMetadata
from idp_adapters.outbound import OutboundClient, OutboundRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Userinfo:
    """The userinfo endpoint of one provider."""

    provider: str
    outbound: OutboundClient

    def of(self, subject: str, *, access_token: str, metadata: ProviderMetadata) -> JsonObject:
        """Return the claims about `subject`, nothing when the provider has no such endpoint.

        Raises `UntrustedAnswerError` when they are about another person (attack A-UO-08),
        `IdentityProviderError` when the provider refuses the access token that it has just issued, and what
        `OutboundClient.fetch` raises.
        """
        if metadata.userinfo_endpoint is None:
            return {}
        request = OutboundRequest(
            url=metadata.userinfo_endpoint,
            origins=metadata.origins,
            headers={"Authorization": f"Bearer {access_token}"},
        )
        response = self.outbound.fetch(self.provider, request)
        if response.status != 200:  # noqa: PLR2004 - Core §5.3.2
            raise IdentityProviderError(f"the userinfo endpoint answered {response.status}")
        claims = response.json_object("the userinfo response")
        if claims.get("sub") != subject:
            raise UntrustedAnswerError("userinfo is about another sub than the ID token")
        return claims
