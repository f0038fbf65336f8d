"""The contract between the hub and every provider protocol: leave with `begin`, return with `finish`.

Adapters keep no state and see no service: whatever must survive the trip is in `Departure.pending`,
which the hub seals into the journey, and nothing in `SignInRequest` comes from the relying service
beyond the level class, the wish for a new sign-in and the citizen's language (attack A-PR-02).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idp_adapters.identity import VerifiedIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRequest:
    """What the hub may tell a provider.

    `state` is the hub's browser-bound value and comes back unchanged; `levels` are the provider's own
    raw assurance values that would be enough, best fit first; `fresh` asks for a new sign-in;
    `language` is `en` or `cy`.
    """

    state: str
    levels: tuple[str, ...]
    fresh: bool
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Where to send the browser (by GET), and what must be remembered until it returns."""

    redirect_url: str
    pending: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    """The parameters with which the browser returned, each exactly once; not yet trusted."""

    parameters: Mapping[str, str]


class IdentityProviderAdapter(Protocol):
    """A provider, spoken to in its own protocol."""

    def begin(self, request: SignInRequest) -> Departure:
        """Write the outgoing request; raises `ProviderUnavailableError` when that needs the provider."""
        ...

    def finish(self, answer: ProviderAnswer, pending: Mapping[str, str], now: datetime) -> VerifiedIdentity:
        """Verify the answer against what was pending; raises an `IdentityProviderError`."""
        ...
