"""People hold posts, approvals follow chains that can be edited, and reading is bound to place, pages and time."""

import sqlalchemy as sa
from alembic import op

from archive.platform.db import new_id

revision = "20261121_reading"
down_revision = "20261121_digitization"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new, with what it was without saying; then bind it."""
    _people()
    _grants()
    _notices()


def _people() -> None:
    """Posts are held over time; what stood as text becomes a post that the person holds since his account was made."""
    op.add_column("unit", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    levels = sa.Enum("none", "secret", "confidential", "top_secret", name="clearance", native_enum=False, length=32)
    op.add_column("person", sa.Column("clearance", levels, nullable=False, server_default="none"))
    post = op.create_table(
        "post",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False, comment="as shown, e.g. 办公室主任"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_post_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("unit_id", "name", name=op.f("uq_post_unit_id_name")),
    )
    holding = op.create_table(
        "post_holding",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("post_id", sa.String(length=36), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_post_holding_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_holding_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_holding")),
    )
    op.create_index(op.f("ix_post_holding_post_id"), "post_holding", ["post_id"], unique=False)
    now = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_post_holding_now",
        "post_holding",
        ["person_id", "post_id"],
        unique=True,
        sqlite_where=now,
        postgresql_where=now,
    )
    columns = [sa.column(name) for name in ("id", "unit_id", "post")]
    person = sa.table("person", *columns, sa.column("created_at", sa.DateTime(timezone=True)))
    people = op.get_bind().execute(sa.select(person).where(person.c.post != "")).all()
    posts = {(one.unit_id, one.post): new_id() for one in people}
    op.bulk_insert(post, [{"id": key, "unit_id": unit, "name": name} for (unit, name), key in posts.items()])
    op.bulk_insert(
        holding,
        [
            {"id": new_id(), "person_id": one.id, "post_id": posts[one.unit_id, one.post], "began_at": one.created_at}
            for one in people
        ],
    )
    op.drop_column("person", "post")


def _grants() -> None:
    """Grants are bound to pages, place and act; those given before stay what they were: for all pages, anywhere."""
    place = sa.Enum("room", "anywhere", name="place", native_enum=False, length=32)
    act = sa.Enum("know", "read", "download", name="act", native_enum=False, length=32)
    pages = "such as 1-3,7 (page_ranges.py); empty: all"
    op.add_column("grant", sa.Column("pages", sa.Text(), nullable=False, server_default="", comment=pages))
    op.add_column("grant", sa.Column("place", place, nullable=False, server_default="room"))
    op.add_column("grant", sa.Column("act", act, nullable=False, server_default="read"))
    standing = sa.Column("standing_id", sa.String(length=36), nullable=True, comment="the standing authorisation")
    op.add_column("grant", standing)
    op.create_index("ix_grant_standing_id", "grant", ["standing_id"], unique=False)
    op.execute(sa.update(sa.table("grant", sa.column("place"))).values(place="anywhere"))
    network = "an address, or a network such as 10.1.2.0/28"
    op.create_table(
        "seat",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False, comment="as shown, e.g. 阅览室 1 号机"),
        sa.Column("address", sa.String(length=64), nullable=False, comment=network),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
    )
    op.create_table(
        "place_rule",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("anywhere", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.String(length=36), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_place_rule_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_rule")),
    )


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
