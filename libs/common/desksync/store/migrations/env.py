"""How Alembic runs the migrations: inside the transaction that `desksync.store.schema` hands in."""

from alembic import context

from desksync.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a column only by copying the table.
)
with context.begin_transaction():
    context.run_migrations()
