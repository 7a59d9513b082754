"""People hold posts, approvals follow chains that can be edited, and reading is bound to place, pages and time."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_reading"
down_revision = "20261121_digitization"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new, with what it was without saying; then bind it."""
    _notices()


def _notices() -> None:
    """What people are told."""
    kinds = ("step_due", "case_closed")
    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Enum(*kinds, name="noticekind", native_enum=False, length=32), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False, comment="a path of the web front end"),
        sa.Column("facts", sa.JSON(), nullable=False, comment="numbers and names; never words from a record's pages"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_unread", "notice", ["person_id", "read_at"], unique=False)
