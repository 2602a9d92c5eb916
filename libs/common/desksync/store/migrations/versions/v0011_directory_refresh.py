"""When the users were last brought in from NEO and what that brought, so that a page can tell."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory_refresh",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("listed", sa.Integer()),
        sa.Column("added", sa.Integer()),
        sa.Column("returned", sa.Integer()),
        sa.Column("vanished", sa.Integer()),
        sa.Column("failed_at", sa.DateTime(timezone=True)),
        sa.Column("failure", sa.Text()),
        sa.Column("reason", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_directory_refresh"),
    )
