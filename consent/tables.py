"""Consent's own tables: no service, attribute, time or person in clear, only sealed rows.

Invariant: events are inserted and never changed; the head is replaced only by the decision that follows
the one it shows, and locked by every release. `expiry_month` (yyyymm) is coarse on purpose: it lets
a clean-up find what nobody comes back for without telling when anybody was here.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)

# `sealed` stands last: a release reads state and floor without touching it. SQLite keeps its rowid here,
# because rows of a kibibyte would spill out of an index page.
consent_heads = Table(
    "consent_heads",
    metadata,
    Column("consent_id", LargeBinary, primary_key=True),
    Column("state", String(9), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("floor", Integer, nullable=False),
    Column("expiry_month", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

consent_events = Table(
    "consent_events",
    metadata,
    Column("consent_id", LargeBinary, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("expiry_month", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
