"""The history of the tables, for Alembic. `desksync.store.schema` runs it; nothing here is imported by other code."""
