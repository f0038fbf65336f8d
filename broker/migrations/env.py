"""What Alembic runs: within the transaction of `broker.schema.upgrade`, or for Alembic's own commands.

Alembic's commands, which write new migrations, say which database to compare with: `alembic -x url=…`. No
setting is read here.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from broker.database import Database
from broker.schema import METADATA


def migrate(connection: Connection) -> None:
    """Run what was asked for on an open connection; an open transaction stays the caller's to commit."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        transactional_ddl=True,
        # SQLite changes a table by making it anew.
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


handed_in: Connection | None = context.config.attributes.get("connection")
if handed_in is not None:
    migrate(handed_in)
else:
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not isinstance(url, str):
        raise SystemExit("Say which database: alembic -x url=sqlite:///countersign.db …")
    database = Database(url)
    with database.transaction() as opened:
        migrate(opened)
    database.close()
