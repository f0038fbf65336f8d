"""How a relying service proves at the token endpoint that it is itself; every way is a confidential client's.

Each method is its own type, so that code which needs a secret cannot be given a key. All of them may also
publish keys, for request objects that they sign and tokens that are encrypted to them.
"""

import enum
import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from config.public_keys import PublicKeySet
from config.registry_model import OneLine, RegistryModel, WebAddress

_DNS_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)


class ClientAuthenticationMethod(enum.StrEnum):
    """OAuth token endpoint authentication methods (OpenID Connect Core 9, RFC 8705 2)."""

    PRIVATE_KEY_JWT = "private_key_jwt"
    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 -- the method's name
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105 -- the method's name
    TLS_CLIENT_AUTH = "tls_client_auth"
    SELF_SIGNED_TLS_CLIENT_AUTH = "self_signed_tls_client_auth"


def _dns_name(name: str) -> str:
    if not _DNS_NAME.fullmatch(name):
        raise ValueError("must be a DNS name in lower case")
    return name


class _WithKeys(RegistryModel):
    jwks_uri: WebAddress | None = None
    jwks: PublicKeySet | None = None

    @model_validator(mode="after")
    def _publish_keys_in_one_place(self) -> Self:
        if self.jwks_uri is not None and self.jwks is not None:
            raise ValueError("must have only one of jwks_uri and jwks")
        return self

    @property
    def publishes_keys(self) -> bool:
        """Whether the service has public keys that we can read, here or at an address."""
        return self.jwks_uri is not None or self.jwks is not None


class PrivateKeyJwt(_WithKeys):
    """A signed assertion (RFC 7523), verified with the service's published keys."""

    method: Literal[ClientAuthenticationMethod.PRIVATE_KEY_JWT]

    @model_validator(mode="after")
    def _have_keys(self) -> Self:
        if not self.publishes_keys:
            raise ValueError("must have jwks_uri or jwks: the assertion is verified with these keys")
        if self.jwks is not None and not any(key.can_verify(None) for key in self.jwks.keys):
            raise ValueError("has no key in jwks that signs")
        return self


class _ClientSecret(_WithKeys):
    secret_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """Hex of the SHA-256 of the UTF-8 secret: the registry is reviewed in the open, the secret is not."""


class ClientSecretBasic(_ClientSecret):
    """A shared secret in the Authorization header (RFC 6749 2.3.1)."""

    method: Literal[ClientAuthenticationMethod.CLIENT_SECRET_BASIC]


class ClientSecretPost(_ClientSecret):
    """A shared secret in the request's body (RFC 6749 2.3.1)."""

    method: Literal[ClientAuthenticationMethod.CLIENT_SECRET_POST]


class TlsClientAuth(_WithKeys):
    """A certificate from a known authority, whose subject is registered (RFC 8705 2.1)."""

    method: Literal[ClientAuthenticationMethod.TLS_CLIENT_AUTH]
    subject_dn: OneLine | None = None
    san_dns: Annotated[str, AfterValidator(_dns_name)] | None = None
    san_uri: OneLine | None = None

    @model_validator(mode="after")
    def _name_one_subject(self) -> Self:
        if [self.subject_dn, self.san_dns, self.san_uri].count(None) != 2:  # noqa: PLR2004 -- two of three are absent
            raise ValueError("must have exactly one of subject_dn, san_dns and san_uri (RFC 8705 2.1.2)")
        return self


class SelfSignedTlsClientAuth(_WithKeys):
    """A self-signed certificate, registered in place with its key (RFC 8705 2.2)."""

    method: Literal[ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH]

    @model_validator(mode="after")
    def _have_certificates(self) -> Self:
        if self.jwks is None:
            raise ValueError("must have jwks: the certificate is compared with these keys")
        if not any(key.x5c for key in self.jwks.keys):
            raise ValueError("must have a key in jwks with its certificate in x5c (RFC 8705 2.2.2)")
        return self


ClientAuthentication = Annotated[
    PrivateKeyJwt | ClientSecretBasic | ClientSecretPost | TlsClientAuth | SelfSignedTlsClientAuth,
    Field(discriminator="method"),
]
"""One of the five methods, told apart by `method`."""
