"""The first tables: what `broker.tables`, `audit.tables` and `consent.tables` held at the beginning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _short_lived()
    _accounts()
    _registry()
    _audit()
    _consent()


def _short_lived() -> None:
    op.create_table(
        "envelopes",
        sa.Column("key", sa.LargeBinary(32), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("purge_after", sa.Integer, nullable=False, index=True),
        sa.Column("leased_until", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "grants",
        sa.Column("code_key", sa.LargeBinary(32), primary_key=True),
        sa.Column("spent", sa.Boolean, nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.Column("purge_after", sa.Integer, nullable=False, index=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "single_use_marks",
        sa.Column("mark", sa.LargeBinary(32), primary_key=True),
        sa.Column("purge_after", sa.Integer, nullable=False, index=True),
        sqlite_with_rowid=False,
    )


def _accounts() -> None:
    op.create_table(
        "provider_links",
        sa.Column("link", sa.LargeBinary(32), primary_key=True),
        sa.Column("row", sa.LargeBinary(16), nullable=False, unique=True),
        sa.Column("index_kid", sa.String(16), nullable=False),
        sa.Column("seal_kid", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("expiry_month", sa.Integer, nullable=False, index=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "account_slots",
        sa.Column("slot", sa.LargeBinary(32), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("expiry_month", sa.Integer, nullable=False, index=True),
        sqlite_with_rowid=False,
    )


def _registry() -> None:
    op.create_table(
        "registry_revisions",
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def _audit() -> None:
    op.create_table(
        "journal",
        # SQLite counts up by itself only in a column declared INTEGER, which holds 64 bits there.
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True),
        sa.Column("entry_id", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_journal")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_journal_entry_id")),
    )


def _consent() -> None:
    op.create_table(
        "consent_heads",
        sa.Column("consent_id", sa.LargeBinary),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("floor", sa.Integer, nullable=False),
        sa.Column("expiry_month", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_consent_heads")),
    )
    op.create_table(
        "consent_events",
        sa.Column("consent_id", sa.LargeBinary),
        sa.Column("sequence", sa.Integer, autoincrement=False),
        sa.Column("expiry_month", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("consent_id", "sequence", name=op.f("pk_consent_events")),
    )
