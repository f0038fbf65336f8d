"""Who asks, and where the answer may go: settled before anything else in a request is looked at.

Invariant: an `Asked` holds a registered service and a redirect URI that is that service's own, character for
character; while either is in doubt, every error is a page on the hub (A-AZ-01, A-AZ-02, RFC 9700 §4.1.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from broker.oidc import errors
from broker.oidc.parameters import Parameters
from config.federation import Federation, RelyingService

RESPONSE_MODES: Final = ("query",)
LONGEST_STATE: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request whose client is known and whose redirect URI is one of that client's own."""

    service: RelyingService
    redirect_uri: str
    parameters: Parameters

    def get(self, name: str) -> str | None:
        """Return the one sound value of a parameter."""
        return self.parameters.get(name)

    @property
    def return_address(self) -> errors.ReturnAddress:
        """Where an error may go; a `state` that cannot be given back exactly is left out."""
        state = self.get("state")
        return errors.ReturnAddress(
            client_id=self.service.id,
            redirect_uri=self.redirect_uri,
            state=state if state is not None and len(state) <= LONGEST_STATE else None,
            response_mode=RESPONSE_MODES[0],
        )


def find_service(parameters: Parameters, federation: Federation) -> RelyingService:
    """The client is registered, and named once."""
    _refuse_fault(parameters, "client_id", errors.UnknownClientError)
    client_id = parameters.get("client_id")
    if client_id is None:
        raise errors.UnknownClientError("expected client_id, got none")
    service = federation.services.get(client_id)
    if service is None:
        raise errors.UnknownClientError(f"expected a registered client_id, got {client_id}")
    return service


def find_redirect_uri(parameters: Parameters, service: RelyingService) -> str:
    """The redirect URI is one of the service's own, character for character (RFC 9700 §4.1.3)."""
    _refuse_fault(parameters, "redirect_uri", errors.UnregisteredRedirectUriError)
    redirect_uri = parameters.get("redirect_uri")
    if redirect_uri is None:
        raise errors.UnregisteredRedirectUriError(f"expected redirect_uri for {service.id}, got none")
    if redirect_uri not in service.redirect_uris:
        raise errors.UnregisteredRedirectUriError(
            f"expected one registered by {service.id}, got {redirect_uri}"
        )
    return redirect_uri


def _refuse_fault(parameters: Parameters, name: str, error: type[errors.UnsafeToRedirectError]) -> None:
    if fault := parameters.faults.get(name):
        raise error(f"expected {name} once and well encoded, got {fault}")
