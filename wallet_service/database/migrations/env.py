"""What Alembic runs for each upgrade. The connection always comes from `wallet_service.database.migrate`."""

from __future__ import annotations

from alembic import context

from wallet_service.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
