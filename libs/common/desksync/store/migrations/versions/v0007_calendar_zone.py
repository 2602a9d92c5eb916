"""The time zone of the chosen Google calendar, so that a page can say when it is another one than the user's."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("calendar_zone", sa.String(), nullable=True))
