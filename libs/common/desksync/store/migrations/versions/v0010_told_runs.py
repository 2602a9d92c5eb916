"""Indexes over the runs in which something happened, so that the history stays quick among millions of quiet ones."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_told = sa.column("is_quiet", sa.Boolean()).is_(False)
    op.create_index("ix_run_told", "run", ["id"], sqlite_where=is_told, postgresql_where=is_told)
    op.create_index("ix_run_told_user_id_id", "run", ["user_id", "id"], sqlite_where=is_told, postgresql_where=is_told)
