"""Changes that were begun, so that one whose answer was lost is not taken for an edit of a person."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=32)


def upgrade() -> None:
    op.create_table(
        "begun_change",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("side", WORD, nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("neo_id", sa.String(), nullable=False),
        sa.Column("google_id", sa.String(), nullable=False),
        sa.Column("agreed", sa.String(length=64), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("pending", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_begun_change_user_id"),
        sa.PrimaryKeyConstraint("user_id", "side", "event_id", name="pk_begun_change"),
    )
