"""What a code, an access token and a sign-in stand for on the provider's side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from idp_adapters.certification.simulator.oidc.authorization_request import AuthorizationRequest
    from idp_adapters.certification.simulator.oidc.outcomes import Outcome
    from idp_adapters.certification.simulator.personas import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Somebody signed in at this provider in this browser, and when."""

    person: Person
    authenticated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One person's sign-in for one request, with the outcome that was chosen for it."""

    request: AuthorizationRequest
    sign_in: SignIn
    outcome: Outcome
    acr: str
