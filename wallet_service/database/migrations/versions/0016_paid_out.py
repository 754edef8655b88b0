"""What an attestation says was paid out by its statement's moment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("attestations") as batch:
        batch.add_column(sa.Column("paid_out_cents", sa.BigInteger(), nullable=False, server_default="0"))
