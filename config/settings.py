"""The hub's settings: COUNTERSIGN_* environment variables, read once, before the port opens.

Every fault is reported together, by the variable's name. `docs/settings.md` says what each is for.
"""

import difflib
import ipaddress
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config.addresses import is_loopback_host, parse_web_address
from config.environment import Environment
from config.errors import AddressError, SettingFault, SettingsError
from config.registry_model import OneLine, WebAddress

__all__ = ["Environment", "Network", "Settings", "load_settings"]

PREFIX = "COUNTERSIGN_"
LEAST_LIKENESS = 0.8
"""How alike two names are (0 to 1) before one is taken for the other misspelt."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")
_STATE_STORES = ("redis", "rediss", "unix")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_REDIS_DATABASE = re.compile(r"(/\d*)?")
_ADAPTER = re.compile(r"[a-z0-9_]{2,64}")
_LIMIT = re.compile(r"[1-9][0-9]{0,8} per ([1-9][0-9]{0,4} )?(second|minute|hour|day)s?")
_EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[A-Za-z0-9.-]{1,253}")

_WORDS = {
    "missing": "is required",
    "enum": "must be {expected}",
}


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _issuer(issuer: str) -> str:
    parts = parse_web_address(issuer)
    if "?" in issuer:
        raise ValueError("must have no query")
    if issuer.endswith("/"):
        raise ValueError("must have no trailing slash")
    if parts.path:
        raise ValueError("must be a host without a path: the hub answers at the root of its own host")
    if parts.netloc != parts.netloc.lower() or parts.port == {"https": 443, "http": 80}[parts.scheme]:
        raise ValueError("must be written in lower case and without its scheme's own port")
    return issuer


def _database_url(url: str) -> str:
    # The address may hold a password, so no message repeats it.
    if "://" not in url or url.partition("://")[0] not in _DATABASES:
        raise ValueError(f"must begin with {', '.join(f'{scheme}://' for scheme in _DATABASES)}")
    # The `postgres` extra installs psycopg 3, which SQLAlchemy does not choose by itself.
    return re.sub(r"^postgresql://", "postgresql+psycopg://", url)


def _redis_url(url: str) -> str:
    if "://" not in url or url.partition("://")[0] not in _STATE_STORES:
        raise ValueError(f"must begin with {', '.join(f'{scheme}://' for scheme in _STATE_STORES)}")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:  # its own words may repeat a part of the password
        raise ValueError("must be an address such as redis://HOST:6379/0") from error
    if parts.scheme != "unix" and not _REDIS_DATABASE.fullmatch(parts.path):
        raise ValueError("must end with the number of a database, or with none")
    return url


def _existing_file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"{path} is not a file")
    return path


def _existing_directory(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError(f"{path} is not a directory")
    return path


def _network(value: object) -> object:
    if isinstance(value, str) and _as_network(value) is None:
        raise ValueError(f"{value} is not a network such as 10.0.0.0/8")
    return _as_network(value) if isinstance(value, str) else value


def _host_or_network(text: str) -> str:
    if _as_network(text) is None and not _HOST.fullmatch(text):
        raise ValueError(f"{text} is neither a host name nor a network such as 10.0.0.0/8")
    return text


def _adapter(name: str) -> str:
    if not _ADAPTER.fullmatch(name):
        raise ValueError(f"{name} is not the name of an adapter (a to z, 0 to 9 and _)")
    return name


def _limit(rule: str) -> str:
    parts = [part.strip() for part in rule.split(";")]
    if not all(_LIMIT.fullmatch(part) for part in parts):
        raise ValueError("must be limits such as 600 per 10 seconds; 20000 per hour")
    return "; ".join(parts)


def _email(address: str) -> str:
    if not _EMAIL.fullmatch(address):
        raise ValueError("must be an e-mail address")
    return address


Email = Annotated[str, AfterValidator(_email)]
Limit = Annotated[str, AfterValidator(_limit)]


class Settings(BaseSettings):
    """What an operator decides about one hub; made by `load_settings`, and never changed afterwards.

    Fields are named as their variables without COUNTERSIGN_, in lower case.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    issuer: Annotated[str, AfterValidator(_issuer)]
    environment: Environment
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        "sqlite:///countersign.db", repr=False
    )
    redis_url: Annotated[str, AfterValidator(_redis_url)] | None = Field(None, repr=False)
    keys: Path
    registry: Annotated[Path, AfterValidator(_existing_directory)] | None = None
    trusted_proxies: Annotated[
        tuple[Annotated[Network, BeforeValidator(_network)], ...], NoDecode, BeforeValidator(_split)
    ] = ()
    ca_bundle: Annotated[Path, AfterValidator(_existing_file)] | None = None
    adapters: Annotated[
        tuple[Annotated[str, AfterValidator(_adapter)], ...], NoDecode, BeforeValidator(_split)
    ] = ()
    outbound_allow: Annotated[
        tuple[Annotated[str, AfterValidator(_host_or_network)], ...], NoDecode, BeforeValidator(_split)
    ] = ()
    limit_sign_ins_per_source: Limit = "600 per 10 seconds; 20000 per hour"
    limit_sign_ins_per_service: Limit = "3000 per 10 seconds"
    limit_refusals_per_source: Limit = "300 per 10 seconds"
    operator_name: OneLine = "The operator of this hub"
    contact_email: Email
    contact_phone: OneLine | None = None
    contact_address: OneLine | None = None
    contact_url: WebAddress | None = None
    privacy_email: Email | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 -- pydantic-settings passes all of these
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is handed in and nothing else, so that tests do not depend on where they run."""
        return (init_settings,)

    @model_validator(mode="before")
    @classmethod
    def _fill_in_what_follows_from_the_issuer(cls, values: dict[str, Any]) -> dict[str, Any]:
        host = _host_of(values.get("issuer"))
        # Without a readable issuer that fault is enough: what depends on it is not reported as missing too.
        local = {"environment": Environment.LOCAL} if host is None or is_loopback_host(host) else {}
        mailbox = "help@localhost" if host is None or _as_network(host) else f"help@{host}"
        filled = {**local, "contact_email": mailbox, **values}
        return filled if filled.get("environment") != Environment.LOCAL else {"keys": Path("keys"), **filled}

    @property
    def issuer_is_loopback(self) -> bool:
        """Whether this hub can only be reached from its own machine; only then may it speak plain http."""
        return is_loopback_host(urlsplit(self.issuer).hostname or "")

    @property
    def outbound_hosts(self) -> frozenset[str]:
        """The hosts exempt from the outbound private-address check, by name."""
        return frozenset(entry for entry in self.outbound_allow if _as_network(entry) is None)

    @property
    def outbound_networks(self) -> tuple[Network, ...]:
        """The networks exempt from the outbound private-address check; one address is a network of one."""
        return tuple(network for entry in self.outbound_allow if (network := _as_network(entry)) is not None)


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings that an environment makes; an empty variable counts as absent.

    Raises:
        SettingsError: with every fault, misspelt names included.

    """
    given = {name: value for name, value in environ.items() if name.startswith(PREFIX) and value}
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in given.items()}
    faults = list(_misspelt(given))
    try:
        settings = Settings(**source())
    except ValidationError as error:
        raise SettingsError([*_faults(error), *faults]) from error
    if faults:
        raise SettingsError(faults)
    return settings


def _misspelt(given: Mapping[str, str]) -> Iterator[SettingFault]:
    """Find names that are almost a setting's; others may be a provider's (`secret_env`)."""
    known = [field.upper() for field in Settings.model_fields]
    for name in given:
        short = name.removeprefix(PREFIX)
        if short not in known and (near := difflib.get_close_matches(short, known, 1, LEAST_LIKENESS)):
            yield SettingFault(name=name, message=f"is not a setting: did you mean {PREFIX}{near[0]}?")


def _faults(error: ValidationError) -> Iterator[SettingFault]:
    for details in error.errors(include_url=False, include_input=False):
        context = details.get("ctx", {})
        field = str(details["loc"][0])
        if details["type"] == "value_error":
            message = str(context["error"])
        elif details["type"] == "missing" and field == "environment":
            message = "is required (local, integration or production): the issuer is not on a loopback host"
        elif details["type"] == "missing" and field == "keys":
            message = "is required outside environment local"
        else:
            message = _WORDS.get(details["type"], details["msg"]).format(**context)
        yield SettingFault(name=f"{PREFIX}{field.upper()}", message=message)


def _host_of(issuer: object) -> str | None:
    try:
        return parse_web_address(issuer).hostname if isinstance(issuer, str) else None
    except AddressError:
        return None


def _as_network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None
