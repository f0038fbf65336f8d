"""Whether a key store belongs to a database: people's accounts open with the keys that sealed them, and no other.

Invariant: no hub starts beside accounts that it cannot open; it would give every person a new one, with another `sub`
at every service, and nobody would know why.
"""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import bindparam, or_, select

from broker.database import Database
from broker.key_store import KeyUse
from broker.tables import provider_links

_LOCKED = (
    select(provider_links.c.seal_kid, provider_links.c.index_kid)
    .where(
        or_(
            provider_links.c.seal_kid.not_in(bindparam("seals", expanding=True)),
            provider_links.c.index_kid.not_in(bindparam("indexes", expanding=True)),
        )
    )
    .limit(1)
)


def require_the_keys_of_accounts(database: Database, directory: Path) -> None:
    """Raise `click.ClickException` when a person's account needs a key that the directory does not have.

    Looks at every link once: a million take 0.2 s on SQLite.
    """
    there = {"seals": _kids(directory, KeyUse.LINK_SEAL), "indexes": _kids(directory, KeyUse.LINK_INDEX)}
    with database.reading() as connection:
        locked = connection.execute(_LOCKED, there).first()
    if locked is not None:
        raise click.ClickException(
            f"COUNTERSIGN_KEYS: {directory} lacks keys of people's accounts in this database (there is one under "
            f"{KeyUse.LINK_SEAL} {locked.seal_kid} and {KeyUse.LINK_INDEX} {locked.index_kid}). Restore the key store "
            "that belongs to it. With other keys everybody would get a new account, and another sub at every service."
        )


def _kids(directory: Path, use: KeyUse) -> list[str]:
    """The kids of a use by the files' names, also where other keys are missing or cannot be read."""
    return [
        path.name.removeprefix(f"{use}.").removesuffix(".json") for path in directory.glob(f"{use}.*.json")
    ]
