"""Whose calendars a run wrote to, so that it is undone in none other. Null for runs of before."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("scope", sa.String(), nullable=True))
