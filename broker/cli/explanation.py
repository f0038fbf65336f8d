"""What an operator reads when a command fails: the cause in plain words, and what to do about it.

Invariant: no message holds a password from the database's address.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from audit.errors import AuditError
from broker.key_store import KeyStoreError
from broker.registry_revisions import NoRegistryError
from broker.schema import SchemaError
from broker.serving import ServingError
from config.errors import ConfigurationError, RegistryFaultsError, SettingsError

_ROOT = Path(__file__).parents[2]


def explain(error: BaseException) -> str:  # noqa: PLR0911 - one for each cause
    """Return the message for an error, one line unless it lists several faults."""
    match error:
        case SettingsError() | RegistryFaultsError():
            return "\n".join((error.description, *(f"  {fault}" for fault in error.faults)))
        case ConfigurationError() | SchemaError() | ServingError() | AuditError():
            return f"{error.description} ({error.detail})"
        case KeyStoreError():
            return f"{error}"
        case NoRegistryError():
            return "No registry has been applied yet; run 'countersign registry apply DIR'."
        case DBAPIError():
            return f"The database cannot be used: {_first_line(error.orig)}"
        case SQLAlchemyError():
            return f"The database cannot be used: {_first_line(error)}"
        case ModuleNotFoundError(name="psycopg"):
            return "PostgreSQL needs the extra 'postgres': pip install 'countersign[postgres]'"
        case ModuleNotFoundError(name="redis"):
            return "COUNTERSIGN_REDIS_URL needs the extra 'redis': pip install 'countersign[redis]'"
        case OSError() if error.strerror is not None:
            return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        case _:
            return f"Countersign has failed inside: {type(error).__name__}: {_first_line(error)} ({_place(error)})"


def _first_line(error: BaseException | None) -> str:
    return next(iter(str(error).splitlines()), "no details")


def _place(error: BaseException) -> str:
    """Return the last line of our own code that the error came through, for a report."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_ROOT) and "site-packages" not in frame.filename
    ]
    frames = ours or traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "no place"
