"""A relying service as it is registered: services/*.yaml.

These types fix the shape and the defaults; what fields must not say together is in `config.service_rules`,
which the reader of the registry applies. A registered minimum holds whatever a request says.
"""

import enum
from typing import Annotated, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from config.algorithms import ContentEncryption, KeyAgreement, SigningAlgorithm
from config.client_authentication import ClientAuthentication
from config.localised_text import LocalisedAddress, LocalisedText
from config.registry_model import Identifier, NamedLevel, OneLine, RegistryModel, WebAddress


class ServiceKind(enum.StrEnum):
    """Whether a public body or a private one answers for the service."""

    PUBLIC = "public"
    PRIVATE = "private"


class LawfulBasis(enum.StrEnum):
    """Why the service may process what it receives (UK GDPR Article 6)."""

    PUBLIC_TASK = "public_task"
    LEGAL_OBLIGATION = "legal_obligation"
    CONTRACT = "contract"
    CONSENT = "consent"


class SecurityProfile(enum.StrEnum):
    """Which set of protocol requirements the service keeps, and the hub demands of it."""

    OIDC = "oidc"
    FAPI2_SECURITY = "fapi2-security"
    FAPI2_MESSAGE_SIGNING = "fapi2-message-signing"


class Pkce(enum.StrEnum):
    """Whether the service must send a PKCE challenge; one that it sends is always checked (RFC 7636)."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class AuthorizationResponse(enum.StrEnum):
    """Whether authorization answers are parameters or a signed JWT."""

    PLAIN = "plain"
    JARM = "jarm"


class SenderConstraint(enum.StrEnum):
    """What a token is bound to: nothing, a DPoP key (RFC 9449), or a client certificate (RFC 8705 3)."""

    NONE = "none"
    DPOP = "dpop"
    MTLS = "mtls"


class RequestObject(RegistryModel):
    """Whether requests must come signed (RFC 9101), and by which algorithm; None takes each that we know."""

    required: bool = False
    signed: SigningAlgorithm | None = None


class TokenEncryption(RegistryModel):
    """How a token is encrypted to the service's key."""

    alg: KeyAgreement
    enc: ContentEncryption


class IdTokenForm(RegistryModel):
    """How ID tokens are protected: always signed."""

    signed: SigningAlgorithm = SigningAlgorithm.ES256
    encrypted: TokenEncryption | None = None


class UserinfoForm(RegistryModel):
    """How userinfo answers are protected: plain JSON over TLS unless registered otherwise."""

    signed: SigningAlgorithm | None = None
    encrypted: TokenEncryption | None = None


class Assurance(RegistryModel):
    """The level that the service needs, and lower ones that it takes when they are labelled as such."""

    minimum: NamedLevel
    acceptable: tuple[NamedLevel, ...] = ()


class RequestedAttribute(RegistryModel):
    """One attribute that the service may ask for, and why; optional ones may be refused singly."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    purpose: LocalisedText
    required: bool = False


def _is_everyone(allow: object) -> str:
    return "<all>" if isinstance(allow, str) else "<some>"


class ProviderChoice(RegistryModel):
    """Which providers the service takes; `deny` counts more than `allow`."""

    allow: Annotated[
        Annotated[Literal["all"], Tag("<all>")] | Annotated[tuple[Identifier, ...], Tag("<some>")],
        Discriminator(_is_everyone),
    ] = "all"
    deny: tuple[Identifier, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """The providers allowed by name; none when all are."""
        return () if self.allow == "all" else self.allow

    def admits(self, provider_id: str) -> bool:
        """Whether a provider may serve this service, as far as the service's own list goes."""
        return provider_id not in self.deny and (self.allow == "all" or provider_id in self.allow)


class RelyingService(RegistryModel):
    """A service that people sign in to; `id` is its OAuth client_id."""

    id: Identifier
    name: LocalisedText
    organisation: OneLine
    sector: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
    """Services of one sector see the same pairwise subject for a person."""
    kind: ServiceKind = ServiceKind.PUBLIC
    lawful_basis: LawfulBasis = LawfulBasis.PUBLIC_TASK
    privacy_notice: LocalisedAddress | None = None
    other_ways: LocalisedAddress | None = None
    """Where people go whose identity cannot be proved here."""
    profile: SecurityProfile = SecurityProfile.OIDC
    redirect_uris: Annotated[tuple[WebAddress, ...], Field(min_length=1)]
    post_logout_redirect_uris: tuple[WebAddress, ...] = ()
    backchannel_logout_uri: WebAddress | None = None
    events_uri: WebAddress | None = None
    client_authentication: ClientAuthentication
    pkce: Pkce = Pkce.REQUIRED
    request_object: RequestObject = RequestObject()
    authorization_response: AuthorizationResponse = AuthorizationResponse.PLAIN
    sender_constrained: SenderConstraint = SenderConstraint.NONE
    refresh_tokens: bool = False
    one_time_attributes: bool = False
    id_token: IdTokenForm = IdTokenForm()
    userinfo: UserinfoForm = UserinfoForm()
    assurance: Assurance
    attributes: tuple[RequestedAttribute, ...]
    providers: ProviderChoice = ProviderChoice()
    direct_hint: bool = False
    shared_session: bool = True
    disclose_provider: bool = False

    def attribute(self, name: str) -> RequestedAttribute | None:
        """Return the registration of one attribute, or None when the service is not registered for it."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)
