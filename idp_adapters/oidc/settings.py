"""What a registration says about an OpenID Connect provider: checked whole, every fault reported at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, cast

from idp_adapters.attributes import READERS
from idp_adapters.errors import AdapterSettingsError, UntrustedAnswerError
from idp_adapters.oidc.algorithms import ALGORITHMS
from idp_adapters.outbound import is_loopback_host, parse_origin

_PRINTABLE = re.compile(r"[\x21-\x7e]{1,255}")
# RFC 6749 §3.3.
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,99}")

Read = TypeVar("Read")
Choice = TypeVar("Choice", bound=StrEnum)


class LevelRequest(StrEnum):
    """How this provider is asked for a level: by which parameter of the authorization request, if at all."""

    ACR_VALUES = "acr_values"
    CLAIMS = "claims"
    VTR = "vtr"
    NONE = "none"


class AuthenticationMethod(StrEnum):
    """How the hub proves to the token endpoint who it is; OpenID Connect Core §9."""

    PRIVATE_KEY_JWT = "private_key_jwt"
    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - the name of a method


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationSettings:
    """The method; `secret_env` names the environment variable of the secret, None for private_key_jwt."""

    method: AuthenticationMethod
    secret_env: str | None = None


DEFAULT_SCOPES = ("openid", "profile", "email", "phone", "address")
_BY_KEY = AuthenticationSettings(method=AuthenticationMethod.PRIVATE_KEY_JWT)


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """A provider as registered.

    Without a word about them, the hub authenticates with its key, asks for the scopes whose claims it reads, and
    for the level by `acr_values`.
    `claims` are asked of the userinfo endpoint beyond what the scopes give; `id_token_signed` pins one
    algorithm, None leaves any that this adapter and the provider's metadata both name.
    """

    issuer: str
    client_id: str
    client_authentication: AuthenticationSettings
    scopes: tuple[str, ...]
    level_request: LevelRequest
    claims: tuple[str, ...] = ()
    id_token_signed: str | None = None


def read_settings(given: Mapping[str, object]) -> OidcSettings:
    """Check the `settings` of a registration; raises `AdapterSettingsError` with all faults."""
    form = _Form(given)
    settings = OidcSettings(
        issuer=form.required("issuer", _issuer),
        client_id=form.required("client_id", _client_id),
        client_authentication=form.optional("client_authentication", _authentication, _BY_KEY),
        scopes=form.optional("scopes", _scopes, DEFAULT_SCOPES),
        level_request=form.optional("level_request", _choice(LevelRequest), LevelRequest.ACR_VALUES),
        claims=form.optional("claims", _claims, ()),
        id_token_signed=form.optional("id_token", _id_token, None),
    )
    form.finish()
    return settings


class _Form:
    """Fields read one by one; faults are kept until `finish`, which raises them together."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self._given = given
        self._faults: list[tuple[str, str]] = []
        self._known: set[str] = set()

    def required(self, field: str, reader: Callable[[object], Read]) -> Read:
        # In place of what could not be read; `finish` raises before anybody uses it.
        unread = cast("Read", None)
        if field not in self._given:
            self._known.add(field)
            self._faults.append((field, "is required"))
            return unread
        return self.optional(field, reader, unread)

    def optional(self, field: str, reader: Callable[[object], Read], default: Read) -> Read:
        self._known.add(field)
        if field not in self._given:
            return default
        try:
            return reader(self._given[field])
        except _Fault as fault:
            self._faults.append((f"{field}{fault.within}", str(fault)))
            return default

    def finish(self) -> None:
        unknown = sorted(str(field) for field in self._given if field not in self._known)
        self._faults.extend((field, "is not a setting of the oidc adapter") for field in unknown)
        if self._faults:
            raise AdapterSettingsError(tuple(self._faults))


class _Fault(ValueError):  # noqa: N818 - never leaves this module
    """What is wrong with one value; `within` is the path below the field."""

    def __init__(self, message: str, within: str = "") -> None:
        super().__init__(message)
        self.within = within


def _issuer(value: object) -> str:
    if not isinstance(value, str):
        raise _Fault("must be text")
    try:
        origin = parse_origin(value)
    except UntrustedAnswerError as error:
        raise _Fault(error.detail) from error
    if "?" in value:
        raise _Fault("must have no query (OpenID Connect Discovery 1.0, section 3)")
    if origin.scheme != "https" and not is_loopback_host(origin.host):
        raise _Fault("must be https, or http on a loopback host")
    return value


def _client_id(value: object) -> str:
    if not isinstance(value, str) or not _PRINTABLE.fullmatch(value):
        raise _Fault("must be 1 to 255 printable ASCII characters")
    return value


def _authentication(value: object) -> AuthenticationSettings:
    if not isinstance(value, Mapping):
        raise _Fault("must be a mapping with a method")
    method = _within(".method", _choice(AuthenticationMethod), value.get("method"))
    wanted = {"method", "secret_env"} if method is AuthenticationMethod.CLIENT_SECRET_BASIC else {"method"}
    unknown = sorted(str(name) for name in value if name not in wanted)
    if unknown:
        raise _Fault(f"does not belong to {method}", f".{unknown[0]}")
    if method is AuthenticationMethod.PRIVATE_KEY_JWT:
        return AuthenticationSettings(method=method)
    variable = value.get("secret_env")
    if not isinstance(variable, str) or not _VARIABLE.fullmatch(variable):
        raise _Fault("must name an environment variable (capitals, digits, underscores)", ".secret_env")
    return AuthenticationSettings(method=method, secret_env=variable)


def _scopes(value: object) -> tuple[str, ...]:
    scopes = _texts(value)
    if any(not _SCOPE.fullmatch(scope) for scope in scopes):
        raise _Fault("holds what is no scope (RFC 6749, section 3.3)")
    if "openid" not in scopes:
        raise _Fault("must hold openid")
    return scopes


def _claims(value: object) -> tuple[str, ...]:
    claims = _texts(value)
    unknown = [claim for claim in claims if claim not in READERS]
    if unknown:
        raise _Fault(f"holds {unknown[0]!r:.60}, which is no claim that the hub reads")
    return claims


def _id_token(value: object) -> str | None:
    if not isinstance(value, Mapping) or set(value) != {"signed"}:
        raise _Fault("must be a mapping with signed alone")
    signed = value["signed"]
    if not isinstance(signed, str) or signed not in ALGORITHMS:
        raise _Fault(f"must be one of {', '.join(ALGORITHMS)}", ".signed")
    return signed


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise _Fault("must be a list of text")
    if len(set(value)) != len(value):
        raise _Fault("names something twice")
    return tuple(value)


def _choice(choices: type[Choice]) -> Callable[[object], Choice]:
    def read(value: object) -> Choice:
        if not isinstance(value, str) or value not in list(choices):
            raise _Fault(f"must be one of {', '.join(choices)}")
        return choices(value)

    return read


def _within(path: str, reader: Callable[[object], Read], value: object) -> Read:
    try:
        return reader(value)
    except _Fault as fault:
        raise _Fault(str(fault), path + fault.within) from fault
