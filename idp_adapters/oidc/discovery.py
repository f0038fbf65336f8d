"""A provider's own description, fetched once and pinned: its endpoints and hosts cannot move under a journey.

Invariant: the issuer in the document is the registered one, character by character (Discovery 1.0 §4.3), and
every endpoint is https (or loopback where that is allowed), so that later calls go only to the origins named
here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from idp_adapters.errors import ProviderBusyError, UntrustedAnswerError
from idp_adapters.json_object import JsonObject, ReceivedJson
from idp_adapters.oidc.algorithms import ALGORITHMS
from idp_adapters.oidc.settings import AuthenticationMethod, OidcSettings
from idp_adapters.outbound import Origin, OutboundClient, OutboundRequest

CLIENT_ASSERTION_ALGORITHM = "ES256"
# How long somebody waits while somebody else fetches the same document.
_PATIENCE = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMetadata:
    """What of the description the adapter acts on.

    `algorithms` are those that an ID token may be signed with; `names_itself` says that every authorization
    response carries `iss` (RFC 9207 §3); `origins` are those of the endpoints that the hub calls.
    """

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str | None
    jwks_uri: str
    algorithms: frozenset[str]
    names_itself: bool
    origins: frozenset[Origin]


class Discovery:
    """The description of one provider: fetched at first use, then pinned as long as this object lives."""

    def __init__(self, *, provider: str, settings: OidcSettings, outbound: OutboundClient) -> None:
        self._provider = provider
        self._settings = settings
        self._outbound = outbound
        self._lock = threading.Lock()
        self._pinned: ProviderMetadata | None = None

    def metadata(self) -> ProviderMetadata:
        """Return the pinned description; raises an `IdentityProviderError` when there is none to trust."""
        if self._pinned is not None:
            return self._pinned
        if not self._lock.acquire(timeout=_PATIENCE):
            raise ProviderBusyError("the provider's description is being fetched")
        try:
            if self._pinned is None:
                self._pinned = self._fetch()
            return self._pinned
        finally:
            self._lock.release()

    def _fetch(self) -> ProviderMetadata:
        # A terminating slash of the issuer is removed for this address only (Discovery 1.0 §4).
        url = f"{self._settings.issuer.removesuffix('/')}/.well-known/openid-configuration"
        request = OutboundRequest(url=url, origins=frozenset({self._outbound.origin_of(url)}))
        response = self._outbound.fetch(self._provider, request)
        if response.status != 200:  # noqa: PLR2004 - Discovery 1.0 §4.2
            raise UntrustedAnswerError(f"the provider's description was answered with {response.status}")
        document = response.json_object("the provider's description")
        return parse_metadata(document, self._settings, self._outbound.origin_of)


def parse_metadata(
    document: JsonObject, settings: OidcSettings, origin_of: Callable[[str], Origin]
) -> ProviderMetadata:
    """Check a description against the registration; `origin_of` refuses what the hub may not call.

    Raises `UntrustedAnswerError` that names every fault at once, for the operator.
    """
    faults: list[str] = []
    origins: dict[str, Origin] = {}

    def endpoint(name: str) -> str:
        value = document.get(name)
        if isinstance(value, str):
            try:
                origins[name] = origin_of(value)
            except UntrustedAnswerError as error:
                faults.append(f"{name}: {error.detail}")
            return value
        faults.append(f"{name} is missing")
        return ""

    if document.get("issuer") != settings.issuer:
        faults.append("issuer is not exactly the registered one")
    metadata = ProviderMetadata(
        authorization_endpoint=endpoint("authorization_endpoint"),
        token_endpoint=endpoint("token_endpoint"),
        userinfo_endpoint=endpoint("userinfo_endpoint") if "userinfo_endpoint" in document else None,
        jwks_uri=endpoint("jwks_uri"),
        algorithms=_algorithms(document, settings),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        origins=frozenset(origin for name, origin in origins.items() if name != "authorization_endpoint"),
    )
    if not metadata.algorithms:
        faults.append("no ID token algorithm is both offered and accepted")
    faults.extend(_unmet(document, settings))
    if faults:
        raise UntrustedAnswerError("the provider's description: " + "; ".join(faults))
    return metadata


def _algorithms(document: JsonObject, settings: OidcSettings) -> frozenset[str]:
    pinned = settings.id_token_signed
    wanted = frozenset(ALGORITHMS) if pinned is None else frozenset({pinned})
    return wanted & _names(document.get("id_token_signing_alg_values_supported"))


def _unmet(document: JsonObject, settings: OidcSettings) -> list[str]:
    """Name what the adapter needs and the provider does not do; silence means the standard's default."""
    method = settings.client_authentication.method
    needs = [
        ("response_types_supported", "code", frozenset[str]()),
        ("grant_types_supported", "authorization_code", frozenset({"authorization_code"})),
        ("code_challenge_methods_supported", "S256", frozenset({"S256"})),
        ("token_endpoint_auth_methods_supported", str(method), frozenset({"client_secret_basic"})),
    ]
    if method is AuthenticationMethod.PRIVATE_KEY_JWT:
        algorithm = CLIENT_ASSERTION_ALGORITHM
        needs.append(("token_endpoint_auth_signing_alg_values_supported", algorithm, frozenset({algorithm})))
    return [
        f"{name} lacks {wanted}"
        for name, wanted, default in needs
        if wanted not in (_names(document[name]) if name in document else default)
    ]


def _names(value: ReceivedJson) -> frozenset[str]:
    if not isinstance(value, list):
        return frozenset()
    return frozenset(item for item in value if isinstance(item, str))
