"""The first tables: records, entries, nodes, checkpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["downgrade", "upgrade"]

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "records",
        sa.Column("sequence", _SERIAL, sa.Identity(), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("person", sa.Text),
        sa.Column("release", sa.Text),
        sa.Column("state", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("kind", "key", name="records_by_key"),
    )
    for column in ("person", "release", "state"):
        op.create_index(f"records_by_{column}", "records", ["kind", column])
    op.create_table(
        "entries",
        sa.Column("position", _SERIAL, primary_key=True, autoincrement=False),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
    )
    op.create_table(
        "nodes",
        sa.Column("number", _SERIAL, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", _SERIAL, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Refuse: a ledger that could be taken back would prove nothing.

    Raises:
        NotImplementedError: always.
    """
    raise NotImplementedError("an exchange's first tables are not taken back")
