"""How Alembic reaches the database: over the connection that ``workbench.stores.migrate`` holds.

The caller has taken the migration lock and commits; nothing here opens or ends a transaction.
"""

from __future__ import annotations

from alembic import context

from workbench.stores.tables import METADATA

__all__: list[str] = []

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
