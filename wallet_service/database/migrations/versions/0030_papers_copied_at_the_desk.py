"""Says of an identity file which officer copied its papers at the desk: another one decides about it.

Nothing moves: every file until now was handed in from a phone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("identity_files") as batch:
        batch.add_column(sa.Column("copied_by", sa.String(length=32), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("money's history is not undone: restore a backup instead")
