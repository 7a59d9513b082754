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
    _approval()
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
    temporary = "given by somebody else: to be changed at first use"
    op.add_column(
        "credential", sa.Column("temporary", sa.Boolean(), nullable=False, server_default=sa.false(), comment=temporary)
    )
    device = sa.Column(
        "device", sa.String(length=200), nullable=False, server_default="", comment="as the browser names itself"
    )
    op.add_column("web_session", device)
    pending = sa.Enum("new_password", name="pending", native_enum=False, length=32)
    first = "what comes before anything else"
    op.add_column("web_session", sa.Column("pending", pending, nullable=True, comment=first))


def _approval() -> None:
    """Steps by role, post or person, with a time; what was done to a case; who decides in whose place; chains."""
    label = "number as people know it, e.g. 2021-0012-01"
    op.add_column(
        "approval_case", sa.Column("label", sa.String(length=64), nullable=False, server_default="", comment=label)
    )
    with op.batch_alter_table("approval_step") as step:
        step.alter_column("role", existing_type=sa.String(length=32), nullable=True)
        step.add_column(sa.Column("post_id", sa.String(length=36), nullable=True))
        step.add_column(sa.Column("person_id", sa.String(length=36), nullable=True))
        everybody = "all who fit have to approve, not any one of them"
        step.add_column(sa.Column("all_of", sa.Boolean(), nullable=False, server_default=sa.false(), comment=everybody))
        step.add_column(sa.Column("days", sa.Integer(), nullable=True, comment="how long it may take"))
        for moment in ("remind_at", "due_at", "reminded_at", "escalated_at"):
            step.add_column(sa.Column(moment, sa.DateTime(timezone=True), nullable=True))
        step.create_foreign_key(op.f("fk_approval_step_post_id"), "post", ["post_id"], ["id"])
        step.create_foreign_key(op.f("fk_approval_step_person_id"), "person", ["person_id"], ["id"])
        step.create_index("ix_approval_step_state", ["state", "due_at"], unique=False)
    _approval_acts()
    op.create_table(
        "delegation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("from_id", sa.String(length=36), nullable=False),
        sa.Column("to_id", sa.String(length=36), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False, comment="kinds of subject; none: all"),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["person.id"], name=op.f("fk_delegation_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_delegation_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(op.f("ix_delegation_from_id"), "delegation", ["from_id"], unique=False)
    op.create_index(op.f("ix_delegation_to_id"), "delegation", ["to_id"], unique=False)
    op.create_table(
        "chain_version",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False, comment="why it was changed"),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_chain_version_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_version")),
        sa.UniqueConstraint("number", name=op.f("uq_chain_version_number")),
    )
    op.create_table(
        "chain_rule",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("asked", sa.String(length=32), nullable=False),
        sa.Column("control", sa.String(length=32), nullable=False),
        sa.Column("circle", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=100), nullable=False, comment="empty: any"),
        sa.Column("steps", sa.JSON(), nullable=False, comment="archive.platform.approval.chains.RuleStep"),
        sa.ForeignKeyConstraint(["version_id"], ["chain_version.id"], name=op.f("fk_chain_rule_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_rule")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_chain_rule_version_id_position")),
    )


def _approval_acts() -> None:
    """The history of each case begins with the decisions that stand in its steps."""
    kinds = ("approved", "refused", "returned", "resubmitted", "withdrawn", "reminded", "escalated", "reassigned")
    op.create_table(
        "approval_act",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.Enum(*kinds, name="actkind", native_enum=False, length=32), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("behalf_id", sa.String(length=36), nullable=True, comment="decided in his place, as delegate"),
        sa.Column("to_id", sa.String(length=36), nullable=True, comment="who decides from now on"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["behalf_id"], ["person.id"], name=op.f("fk_approval_act_behalf_id")),
        sa.ForeignKeyConstraint(["case_id"], ["approval_case.id"], name=op.f("fk_approval_act_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_approval_act_person_id")),
        sa.ForeignKeyConstraint(["step_id"], ["approval_step.id"], name=op.f("fk_approval_act_step_id")),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_approval_act_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_act")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_approval_act_case_id_number")),
    )
    op.create_index("ix_approval_act_person_id", "approval_act", ["person_id", "at"], unique=False)
    op.create_index(op.f("ix_approval_act_step_id"), "approval_act", ["step_id"], unique=False)
    # A step is decided once, so its own id names its act; its position numbers it.
    op.execute(
        "INSERT INTO approval_act (id, case_id, number, step_id, kind, person_id, at, comment) "
        "SELECT id, case_id, position + 1, id, state, decided_by, decided_at, comment FROM approval_step "
        "WHERE decided_at IS NOT NULL AND state IN ('approved', 'refused')"
    )


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
    kinds = ("step_due", "step_reminded", "case_returned", "case_closed")
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
