"""Sign-in at an OpenID Connect provider: code flow, PKCE, nonce, and a person only after every check.

The order of `finish` is the security: the answer is ours and the provider's before the code is redeemed, the
tokens are verified before userinfo is asked, and nobody is returned before the two agree about whom they
speak.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from joserfc.jwk import ECKey

from idp_adapters.contract import Departure, ProviderAnswer, SignInRequest
from idp_adapters.errors import AdapterSettingsError, UntrustedAnswerError
from idp_adapters.identity import VerifiedIdentity
from idp_adapters.json_object import JsonObject
from idp_adapters.oidc.authorization_request import AuthorizationRequests, PendingSignIn
from idp_adapters.oidc.authorization_response import ExpectedResponse, read_code
from idp_adapters.oidc.claims import person
from idp_adapters.oidc.client_authentication import ClientAuthentication, ClientSecretBasic, PrivateKeyJwt
from idp_adapters.oidc.code_exchange import CodeExchange
from idp_adapters.oidc.discovery import Discovery
from idp_adapters.oidc.id_token import ExpectedIdToken, SignedClaims, verify_id_token
from idp_adapters.oidc.keys import ProviderKeys, PublicKey
from idp_adapters.oidc.settings import AuthenticationMethod, OidcSettings
from idp_adapters.oidc.userinfo import Userinfo
from idp_adapters.outbound import OutboundClient, OutboundRequest


class OidcAdapter:
    """One provider: its description and keys are kept, nothing of any sign-in is; safe for many threads."""

    def __init__(
        self,
        *,
        provider_id: str,
        settings: OidcSettings,
        callback_url: str,
        client_key: ECKey,
        outbound: OutboundClient,
        client_secrets: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare without calling anybody; `client_key` is P-256 with a `kid`, as the hub publishes it.

        Raises `AdapterSettingsError` when `client_secrets` lacks the variable that the registration names.
        """
        self._provider = provider_id
        self._settings = settings
        self._outbound = outbound
        self._requests = AuthorizationRequests(settings, callback_url)
        self._discovery = Discovery(provider=provider_id, settings=settings, outbound=outbound)
        self._keys = ProviderKeys(self._fetch_keys)
        self._exchange = CodeExchange(
            provider=provider_id,
            callback_url=callback_url,
            authentication=_authentication(settings, client_key, client_secrets or {}),
            outbound=outbound,
        )
        self._userinfo = Userinfo(provider=provider_id, outbound=outbound)

    def begin(self, request: SignInRequest) -> Departure:
        """Write the authorization request; calls the provider only if its description is not known yet."""
        pending = PendingSignIn.start(issuer=self._settings.issuer, state=request.state)
        endpoint = self._discovery.metadata().authorization_endpoint
        return Departure(
            redirect_url=self._requests.url(endpoint, request, pending), pending=pending.as_mapping()
        )

    def finish(self, answer: ProviderAnswer, pending: Mapping[str, str], now: datetime) -> VerifiedIdentity:
        """Return the person whom the provider vouches for; raises an `IdentityProviderError`.

        `now` is the time of the callback. Whether the level is enough and the sign-in recent enough is not
        judged here: the identity carries both, in the provider's words.
        """
        sent = PendingSignIn.recall(pending)
        if sent.issuer != self._settings.issuer:
            raise UntrustedAnswerError("the provider's issuer was changed during the sign-in")
        expected = ExpectedResponse(
            state=sent.state,
            issuer=self._settings.issuer,
            names_itself=lambda: self._discovery.metadata().names_itself,
        )
        code = read_code(answer.parameters, expected)
        metadata = self._discovery.metadata()
        tokens = self._exchange.exchange(code, code_verifier=sent.code_verifier, metadata=metadata, now=now)
        signed = self._verify(tokens.unverified_id_token, tokens.access_token, sent.nonce, now)
        told = self._userinfo.of(signed.subject, access_token=tokens.access_token, metadata=metadata)
        return person(self._provider, signed, told, self._settings.level_request)

    def _verify(self, unverified_id_token: str, access_token: str, nonce: str, now: datetime) -> SignedClaims:
        expected = ExpectedIdToken(
            issuer=self._settings.issuer,
            client_id=self._settings.client_id,
            nonce=nonce,
            access_token=access_token,
            algorithms=self._discovery.metadata().algorithms,
            now=now,
        )
        return verify_id_token(unverified_id_token, expected, self._find_key)

    def _find_key(self, kid: str | None, algorithm: str) -> PublicKey:
        return self._keys.find(kid=kid, algorithm=algorithm)

    def _fetch_keys(self) -> JsonObject:
        metadata = self._discovery.metadata()
        request = OutboundRequest(
            url=metadata.jwks_uri,
            origins=metadata.origins,
            accept=("application/json", "application/jwk-set+json"),
        )
        response = self._outbound.fetch(self._provider, request)
        if response.status != 200:  # noqa: PLR2004 - RFC 7517 gives no other
            raise UntrustedAnswerError(f"the key set was answered with {response.status}")
        return response.json_object("the key set")


def _authentication(
    settings: OidcSettings, client_key: ECKey, client_secrets: Mapping[str, str]
) -> ClientAuthentication:
    registered = settings.client_authentication
    match registered.method:
        case AuthenticationMethod.PRIVATE_KEY_JWT:
            return PrivateKeyJwt(client_id=settings.client_id, issuer=settings.issuer, key=client_key)
        case AuthenticationMethod.CLIENT_SECRET_BASIC:
            secret = client_secrets.get(registered.secret_env or "")
            if not secret:
                field = "client_authentication.secret_env"
                raise AdapterSettingsError(((field, f"the environment has no {registered.secret_env}"),))
            return ClientSecretBasic(client_id=settings.client_id, secret=secret)
