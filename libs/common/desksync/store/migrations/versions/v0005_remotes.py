"""What processes have to agree about before they call NEO or Google: who may, until when nobody may, and what is spent."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=32)


def upgrade() -> None:
    op.create_table(
        "remote",
        sa.Column("side", WORD, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("paused_until", MOMENT, nullable=True),
        sa.Column("spent_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("side", name="pk_remote"),
    )
    op.create_table(
        "remote_member",
        sa.Column("side", WORD, nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("is_waiting", sa.Boolean(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("side", "holder", name="pk_remote_member"),
    )
