"""What a list lacked and nobody has looked at yet, so that it counts when deletions are weighed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # May be empty: old programs go on working beside new ones.
    op.add_column("reading", sa.Column("unlooked", sa.Text(), nullable=True))
