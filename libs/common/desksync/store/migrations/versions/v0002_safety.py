"""Deletions that wait for a person, and a history that can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.String(length=32)
IS_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "held_plan",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("neo_deletes", sa.Integer(), nullable=False),
        sa.Column("google_deletes", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Text(), nullable=False),
        sa.Column("pairs", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_held_plan_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_held_plan"),
    )
    op.create_index("ix_held_plan_user_id", "held_plan", ["user_id"])
    op.create_index(
        "ix_held_plan_one_waiting", "held_plan", ["user_id"], unique=True, sqlite_where=IS_WAITING, postgresql_where=IS_WAITING
    )
    # Plain additions of columns that may be empty: old programs go on working beside new ones.
    op.add_column("run", sa.Column("undoes", ROW_ID, nullable=True))
    op.add_column("run_line", sa.Column("other_id", sa.String(), nullable=True))
    op.add_column("run_line", sa.Column("written", sa.Text(), nullable=True))
    op.add_column("run_line", sa.Column("undoes", ROW_ID, nullable=True))
    op.create_index("ix_run_undoes", "run", ["undoes"])
    op.create_index("ix_run_line_undoes", "run_line", ["undoes"])
