"""How often the lease of a ticket ran out, so that one of which every worker dies is found."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With a default, so that old programs go on opening tickets beside new ones.
    op.add_column("ticket", sa.Column("lapses", sa.Integer(), server_default="0", nullable=False))
