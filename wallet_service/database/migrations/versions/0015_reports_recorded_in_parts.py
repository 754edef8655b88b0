"""Reports whose movements are still being written, in several commits."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATES = "state IN ('recording', 'booking', 'booked', 'held', 'accepted', 'dismissed')"


def upgrade() -> None:
    state_known = op.f("ck_bank_statements_state_known")
    with op.batch_alter_table("bank_statements") as batch:
        batch.drop_constraint(state_known, type_="check")
        batch.create_check_constraint(state_known, STATES)
