"""How often in a row a ticket was put off through nobody's fault, so that one that never gets through is found."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With a default, so that old programs go on opening tickets beside new ones.
    op.add_column("ticket", sa.Column("put_off", sa.Integer(), server_default="0", nullable=False))
