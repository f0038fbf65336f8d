"""The broker's own tables. Nothing in them is readable, or shared between services, without a handle.

Every clear column is a hash, a keyed hash, a random id, a key id, a flag, or a coarse time (hours, months).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

envelopes = Table(
    "envelopes",
    metadata,
    Column("key", LargeBinary(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("purge_after", Integer, nullable=False, index=True),
    Column("leased_until", BigInteger),
    sqlite_with_rowid=False,
)

grants = Table(
    "grants",
    metadata,
    Column("code_key", LargeBinary(32), primary_key=True),
    Column("spent", Boolean, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("purge_after", Integer, nullable=False, index=True),
    sqlite_with_rowid=False,
)

single_use_marks = Table(
    "single_use_marks",
    metadata,
    Column("mark", LargeBinary(32), primary_key=True),
    Column("purge_after", Integer, nullable=False, index=True),
    sqlite_with_rowid=False,
)

provider_links = Table(
    "provider_links",
    metadata,
    Column("link", LargeBinary(32), primary_key=True),
    Column("row", LargeBinary(16), nullable=False, unique=True),
    Column("index_kid", String(16), nullable=False),
    Column("seal_kid", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expiry_month", Integer, nullable=False, index=True),
    sqlite_with_rowid=False,
)

account_slots = Table(
    "account_slots",
    metadata,
    Column("slot", LargeBinary(32), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("expiry_month", Integer, nullable=False, index=True),
    sqlite_with_rowid=False,
)

registry_revisions = Table(
    "registry_revisions",
    metadata,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
)
