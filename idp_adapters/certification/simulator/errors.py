"""Every way in which starting or using a simulated provider can fail, apart from protocol errors.

`description` may be shown to whoever made the request; `detail` is for the person who runs the stub.
"""

from __future__ import annotations


class SimulatorError(Exception):
    """The root of this package's errors."""

    def __init__(self, description: str, *, detail: str = "") -> None:
        """Keep what the other side may read apart from what only the operator needs."""
        super().__init__(description)
        self.description = description
        self.detail = detail or description


class BindAddressError(SimulatorError):
    """The address to listen on is not HOST:PORT, or the host has no address."""


class AddressInUseError(SimulatorError):
    """Another process listens there already, or the address is not this machine's."""


class TlsFilesError(SimulatorError):
    """The certificate or its key is missing, unreadable, or does not fit the other."""


class IssuerError(SimulatorError):
    """The issuer is not an http(s) URL without trailing slash, query and fragment; Discovery 1.0 §3."""


class UnknownPersonaError(SimulatorError):
    """The persona asked for is not one of those this provider knows."""


class UnknownOutcomeError(SimulatorError):
    """The outcome asked for is not one of those this provider can produce."""
