"""Everything that can be wrong with what people configured, one class per cause.

An operator fixes a file in one round: an error that reading raises holds every fault that was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong in a registry directory: where it stands, and what would be right.

    `file` is relative to the directory ("services/fishing-licence.yaml"), `line` counts from 1 and is None
    when the fault has no place in the text, `field` is a path such as "attributes[1].name" and empty for the
    whole file.
    """

    file: str
    line: int | None
    field: str
    message: str

    def __str__(self) -> str:
        """Write the fault as compilers do, so that editors can jump to it."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingFault:
    """One setting that is missing or wrong, by the name of its environment variable."""

    name: str
    message: str

    def __str__(self) -> str:
        """Write the fault as `NAME: message`."""
        return f"{self.name}: {self.message}"


class ConfigurationError(Exception):
    """Root of this package's errors: `description` may be shown to anybody, `detail` is for the operator."""

    description: ClassVar[str] = "The hub is not configured correctly."

    def __init__(self, detail: str) -> None:
        """Keep what the operator needs to read."""
        super().__init__(detail)
        self.detail = detail


class LevelError(ConfigurationError, ValueError):
    """A text is not a level of assurance, or a level has no wire value."""

    description = "This is not a known level of assurance."


class AddressError(ConfigurationError, ValueError):
    """A text is not an absolute web address that a party of the federation may register."""

    description = "This address cannot be used here."


class RegistryFaultsError(ConfigurationError):
    """A registry directory cannot be used; `faults` names everything that is wrong with it."""

    description = "The federation registry has faults."

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep all faults, ordered by file and line."""
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class StoredRegistryError(ConfigurationError):
    """A stored revision of the registry cannot be read back: written by a newer version, or damaged."""

    description = "The stored federation registry cannot be read."


class SettingsError(ConfigurationError):
    """The environment does not make usable settings; `faults` names every setting to repair."""

    description = "The hub's settings have faults."

    def __init__(self, faults: Iterable[SettingFault]) -> None:
        """Keep all faults, ordered by name."""
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
