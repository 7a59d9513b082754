"""What Alembic runs: migrations on the connection it is handed, inside the caller's transaction, on both databases."""

from alembic import context

from archive.migrations.types import render_type, type_differs

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    render_item=render_type,
    compare_type=type_differs,
    # SQLite can take back table changes too; Alembic assumes it cannot.
    transactional_ddl=True,
)
context.run_migrations()
