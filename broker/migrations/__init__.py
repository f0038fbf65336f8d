"""The migrations: one linear history, each file in `versions/` following the one before.

`alembic -x url=sqlite:///countersign.db revision --autogenerate --rev-id 0002 -m "what it does"` writes the
next one, from the difference between that database and `broker.schema.METADATA`.

Expand, then contract: while hubs are restarted one by one, two versions work on one schema, the newer one's. So a
migration leaves everything that the version before it reads and writes:

- it adds tables, indexes that are not unique, and columns that may be NULL or have a default in the database;
- what nobody uses any more is dropped by a later migration than the one of the version that stopped using it, and named
  in `tests/upgrades/landed.py`;
- a column that changes its meaning is a new column: written beside the old one, filled, read, and only then alone;
- on PostgreSQL, building an index locks out writers, so that of a large table is made with CONCURRENTLY beforehand, and
  the migration (IF NOT EXISTS) finds it: an upgrade is one transaction, in which CONCURRENTLY cannot stand.

A version works with its own schema and the next one, not with the one after that. `tests/schemas/` has every landed
schema as its engine describes it (`python -m tests.upgrades.landed` writes the newest); `tests/upgrades` holds a new
one to the rules above, and runs a hub on the last landed one and on one that is ahead.
"""
