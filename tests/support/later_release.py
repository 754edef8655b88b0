"""The service as a release to come: this code, and a migration after the newest one.

`python -m tests.support.later_release`: serves as `python -m wallet_service serve` does, which brings its
database up first; what is set is read from the environment. The rehearsed revision does what the next
release's would: columns with values of their own on the busiest tables, an index, a table, old rows filled,
and a rule on a table that others point to, which SQLite has only by copying the table.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from wallet_service.command_line import application
from wallet_service.database import migrate

REHEARSAL = '''
"""A release to come."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "rehearsal", "{head}", None, None


def upgrade() -> None:
    op.create_table("rehearsals", sa.Column("id", sa.Integer, primary_key=True))
    for table in ("balances", "sales", "payments", "chain_transactions"):
        op.add_column(table, sa.Column("rehearsed", sa.Integer, nullable=False, server_default="7"))
    op.create_index("ix_payments_rehearsed", "payments", ["rehearsed", "sequence"])
    op.execute("UPDATE payments SET rehearsed = 8")
    with op.batch_alter_table("members") as batch:
        batch.create_check_constraint("ck_members_rehearsed", "language <> ''")
'''


def with_rehearsal(folder: Path) -> Path:
    """The released revisions and, after them, the rehearsed one."""
    shutil.copytree(migrate.MIGRATIONS, folder)
    head = max(path.name.split("_")[0] for path in (folder / "versions").glob("0*.py"))
    (folder / "versions" / "rehearsal.py").write_text(REHEARSAL.format(head=head), "utf-8")
    return folder


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="alba-migrations-") as name:
        migrate.MIGRATIONS = with_rehearsal(Path(name) / "migrations")
        application(["serve"])
