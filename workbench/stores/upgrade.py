"""The steps from one set of tables to the next, taken by Alembic (``migrations/``).

Loaded only when a step is due: Alembic takes long to load and hardly ever has anything to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from workbench.errors import Unavailable

__all__ = ["MIGRATIONS", "upgrade"]

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, current: str | None, head: str) -> None:
    """Bring the tables from revision ``current`` (``None``: none yet) to ``head``.

    The caller holds the writer's place and commits.

    Raises:
        Unavailable: the tables are newer than this program.
        DBAPIError: whatever the database says.
    """
    script = ScriptDirectory(str(MIGRATIONS))
    if current is not None and current not in {item.revision for item in script.walk_revisions()}:
        raise Unavailable(
            "This exchange was made by a newer version of the workbench.",
            unchanged="Nothing was changed.",
            hint="Update the workbench (pip install --upgrade sharing-workbench).",
        )

    def steps(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs(head, revision)  # what alembic's own upgrade command calls

    config = Config()
    config.attributes["connection"] = connection
    with EnvironmentContext(config, script, fn=steps, destination_rev=head):
        script.run_env()
