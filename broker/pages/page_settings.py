"""What the pages need to know about this deployment: who runs it, how to reach them, and where it runs."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from config.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSettings:
    """The deployment as pages show it; the texts on privacy, cookies, accessibility and contact draw on it.

    `issuer` is the hub's public address without a trailing slash. A contact that is None is left out.
    """

    issuer: str
    environment: Environment
    operator_name: str
    contact_email: str
    contact_phone: str | None = None
    contact_address: str | None = None
    privacy_email: str | None = None

    @property
    def base_path(self) -> str:
        """The path that every address of the hub begins with, empty where the issuer is a bare origin."""
        return urlsplit(self.issuer).path

    @property
    def https(self) -> bool:
        """Whether cookies carry `__Host-` and browsers are told to come by TLS alone."""
        return self.issuer.startswith("https://")
