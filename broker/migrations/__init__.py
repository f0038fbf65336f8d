"""The migrations: one linear history, each file in `versions/` following the one before.

`alembic -x url=sqlite:///countersign.db revision --autogenerate --rev-id 0002 -m "what it does"` writes the
next one, from the difference between that database and `broker.schema.METADATA`.
"""
