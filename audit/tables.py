"""The log's own tables: nothing about an event stands in clear outside its entry.

Invariant: rows are inserted by `audit.journal.append` and never changed. `position` is only the order
of arrival (with gaps, and late commits below earlier ones); the tree's indexes come from the sequencer.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)

journal = Table(
    "journal",
    metadata,
    # SQLite counts up by itself only in a column declared INTEGER, which holds 64 bits there.
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("entry_id", LargeBinary, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
)
