"""A code becomes tokens over the back channel, with proofs that it is ours; OpenID Connect Core §3.1.3."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from idp_adapters.errors import IdentityProviderError, ProviderUnavailableError, UntrustedAnswerError
from idp_adapters.oidc.client_authentication import ClientAuthentication
from idp_adapters.oidc.discovery import ProviderMetadata
from idp_adapters.outbound import OutboundClient, OutboundRequest, OutboundResponse

# RFC 6749 A.12, without space: it goes into a header.
_ACCESS_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
_WORD = re.compile(r"[a-z_]{1,50}")
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAnswer:
    """The tokens as received: the ID token is not verified yet."""

    access_token: str = field(repr=False)
    unverified_id_token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeExchange:
    """Exchanges codes of one provider, at the callback that they were sent to."""

    provider: str
    callback_url: str
    authentication: ClientAuthentication
    outbound: OutboundClient

    def exchange(
        self, code: str, *, code_verifier: str, metadata: ProviderMetadata, now: datetime
    ) -> TokenAnswer:
        """Redeem a code once.

        Raises `UntrustedAnswerError` when the provider does not know the code or answers outside the
        standard, `IdentityProviderError` when it does not take us for its client, and what
        `OutboundClient.fetch` raises.
        """
        proof = self.authentication.prove(now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback_url,
            "code_verifier": code_verifier,
            **proof.form,
        }
        request = OutboundRequest(
            method="POST",
            url=metadata.token_endpoint,
            origins=metadata.origins,
            headers={**_FORM, **proof.headers},
            body=urlencode(form).encode(),
        )
        response = self.outbound.fetch(self.provider, request)
        if response.status != 200:  # noqa: PLR2004 - RFC 6749 §5.1
            raise _refusal(response)
        return read_token_answer(response)


def read_token_answer(response: OutboundResponse) -> TokenAnswer:
    """Read a successful token response; Core §3.1.3.3. Raises `UntrustedAnswerError`."""
    answer = response.json_object("the token response")
    token_type = answer.get("token_type")
    if not isinstance(token_type, str) or token_type.lower() != "bearer":
        raise UntrustedAnswerError("the token response has another token_type than Bearer")
    access_token, id_token = answer.get("access_token"), answer.get("id_token")
    if not isinstance(access_token, str) or not _ACCESS_TOKEN.fullmatch(access_token):
        raise UntrustedAnswerError("the token response has no usable access_token")
    if not isinstance(id_token, str) or not id_token.isascii():
        raise UntrustedAnswerError("the token response has no usable id_token")
    return TokenAnswer(access_token=access_token, unverified_id_token=id_token)


def _refusal(response: OutboundResponse) -> IdentityProviderError:
    """Turn an error response (RFC 6749 §5.2) into its cause."""
    error = response.json_object("the token endpoint's refusal").get("error")
    word = error if isinstance(error, str) and _WORD.fullmatch(error) else "no error code"
    detail = f"the token endpoint answered {response.status} with {word}"
    match word:
        case "invalid_grant":
            return UntrustedAnswerError(detail)
        case "temporarily_unavailable" | "server_error":
            return ProviderUnavailableError(detail)
        case "no error code":
            return UntrustedAnswerError(detail)
        case _:
            return IdentityProviderError(detail)
