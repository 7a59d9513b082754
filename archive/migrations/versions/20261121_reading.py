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
    _requests()
    _custody()
    _copies()
    _notices()
    _sign_in()


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
    person = sa.table(
        "person",
        sa.column("id"),
        sa.column("unit_id"),
        sa.column("post"),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
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


def _requests() -> None:
    """What is asked for each item, and what a line may rest on besides a case; what was asked before was to read."""
    states = sa.Enum("open", "approved", "refused", "withdrawn", name="linestate", native_enum=False, length=32)
    _standing_authorisations(states)
    _signed_forms()
    ways = sa.Enum("telephone", "secretary", "message", "in_person", name="leaderway", native_enum=False, length=32)
    answers = sa.Enum("confirmed", "denied", name="leaderanswer", native_enum=False, length=32)
    bearer = "who brought the word, e.g. the secretary; empty: himself"
    op.create_table(
        "leader_order",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("leader_id", sa.String(length=36), nullable=False),
        sa.Column("way", ways, nullable=False),
        sa.Column("bearer", sa.String(length=100), nullable=False, comment=bearer),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", answers, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"], name=op.f("fk_leader_order_leader_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_leader_order_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leader_order")),
    )
    op.create_index(op.f("ix_leader_order_leader_id"), "leader_order", ["leader_id"], unique=False)
    op.create_table(
        "task_list",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_by", sa.String(length=36), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["seen_by"], ["person.id"], name=op.f("fk_task_list_seen_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_list")),
        sa.UniqueConstraint("month", name=op.f("uq_task_list_month")),
    )
    op.create_table(
        "basket_item",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_basket_item_item_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_basket_item_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_basket_item")),
        sa.UniqueConstraint("person_id", "item_id", name=op.f("uq_basket_item_person_id_item_id")),
    )
    _asked()


def _asked() -> None:
    """Each line says what is asked; an approved one says by what."""
    kinds = ("work", "compilation", "research", "economy", "publicity", "other")
    purpose = sa.Enum(*kinds, name="purposekind", native_enum=False, length=32)
    place = sa.Enum("room", "anywhere", name="place", native_enum=False, length=32)
    op.add_column("reading_request", sa.Column("purpose_kind", purpose, nullable=False, server_default="other"))
    wanted, entered = "where he wants to read", "id of the archivist, if one entered it"
    op.add_column("reading_request", sa.Column("place", place, nullable=False, server_default="room", comment=wanted))
    # Without a reference: SQLite would have to drop the table that lines refer to.
    op.add_column("reading_request", sa.Column("entered_by", sa.String(length=36), nullable=True, comment=entered))
    asked = sa.Enum("view", "paper", "copy", "certificate", "download", name="asked", native_enum=False, length=32)
    with op.batch_alter_table("request_line") as line:
        line.add_column(sa.Column("asked", asked, nullable=False, server_default="view"))
        pages = "such as 1-3,7; empty: all"
        line.add_column(sa.Column("pages", sa.Text(), nullable=False, server_default="", comment=pages))
        for basis, table in (
            ("standing_id", "standing_authorisation"),
            ("form_id", "signed_form"),
            ("order_id", "leader_order"),
        ):
            line.add_column(sa.Column(basis, sa.String(length=36), nullable=True))
            line.create_foreign_key(op.f(f"fk_request_line_{basis}"), table, [basis], ["id"])
        line.create_check_constraint(
            op.f("ck_request_line_approved_by_something"),
            "state <> 'approved' OR case_id IS NOT NULL OR standing_id IS NOT NULL"
            " OR form_id IS NOT NULL OR order_id IS NOT NULL",
        )
        line.create_index("ix_request_line_asked", ["asked", "state"], unique=False)


def _standing_authorisations(states: sa.Enum) -> None:
    """Reading without a new approval each time."""
    whose = "whose records: the holder's own unit, or one below it"
    references = {
        "person_id": "person",
        "post_id": "post",
        "category_id": "category",
        "unit_id": "unit",
        "applicant_id": "person",
        "case_id": "approval_case",
        "ended_by": "person",
    }
    op.create_table(
        "standing_authorisation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False, comment="e.g. S2021-0001"),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("post_id", sa.String(length=36), nullable=True),
        sa.Column("category_id", sa.String(length=36), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=False, comment=whose),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applicant_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("state", states, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=36), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (post_id IS NULL)", name=op.f("ck_standing_authorisation_holder")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_standing_authorisation_{column}"))
            for column, table in references.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_authorisation")),
        sa.UniqueConstraint("number", name=op.f("uq_standing_authorisation_number")),
    )
    for column in ("applicant_id", "person_id", "post_id"):
        name = op.f(f"ix_standing_authorisation_{column}")
        op.create_index(name, "standing_authorisation", [column], unique=False)


def _signed_forms() -> None:
    """Paper forms that were signed already."""
    op.create_table(
        "signed_form",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("entered_by", sa.String(length=36), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_signed_form_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_form")),
        sa.UniqueConstraint("key", name=op.f("uq_signed_form_key")),
    )
    op.create_table(
        "signed_step",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("form_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("unit_id", sa.String(length=36), nullable=True),
        sa.Column("post_id", sa.String(length=36), nullable=True),
        sa.Column("signer_id", sa.String(length=36), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["form_id"], ["signed_form.id"], name=op.f("fk_signed_step_form_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_signed_step_post_id")),
        sa.ForeignKeyConstraint(["signer_id"], ["person.id"], name=op.f("fk_signed_step_signer_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_signed_step_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_step")),
        sa.UniqueConstraint("form_id", "position", name=op.f("uq_signed_step_form_id_position")),
    )


def _custody() -> None:
    """Where paper is, in whose hands, and who may have it; the reading room, visits, and what leaves the repository."""
    visitor = "who reads beside the person: named in the mark"
    op.add_column("grant", sa.Column("visitor", sa.Text(), nullable=False, server_default="", comment=visitor))
    _room()
    _visits()
    _paper_readings()
    _out_acts()
    _paper_places()
    _paper_incidents()


def _room() -> None:
    """Opening hours and booked seats."""
    op.create_table(
        "room_weekday",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False, comment="0: Monday"),
        sa.Column("opens", sa.String(length=5), nullable=False, comment="HH:MM; empty: closed"),
        sa.Column("closes", sa.String(length=5), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_weekday")),
        sa.UniqueConstraint("weekday", name=op.f("uq_room_weekday_weekday")),
    )
    op.create_table(
        "room_day",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False, comment="YYYY-MM-DD"),
        sa.Column("opens", sa.String(length=5), nullable=False, comment="HH:MM; empty: closed"),
        sa.Column("closes", sa.String(length=5), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_day")),
        sa.UniqueConstraint("day", name=op.f("uq_room_day_day")),
    )
    op.create_table(
        "seat_booking",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("seat_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False, comment="YYYY-MM-DD"),
        sa.Column("half", sa.Enum("morning", "afternoon", name="half", native_enum=False, length=32), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_booking_person_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_seat_booking_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_booking")),
    )
    op.create_index(
        "uq_seat_booking_person",
        "seat_booking",
        ["person_id", "day", "half"],
        unique=True,
        sqlite_where=sa.text("cancelled_at IS NULL"),
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_index(
        "uq_seat_booking_seat",
        "seat_booking",
        ["seat_id", "day", "half"],
        unique=True,
        sqlite_where=sa.text("cancelled_at IS NULL"),
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )


def _visits() -> None:
    """Visitors without account."""
    op.create_table(
        "visit",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False, comment="e.g. L2021-0001"),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False, comment="where he comes from"),
        sa.Column(
            "letter", sa.String(length=200), nullable=False, comment="letter of introduction 介绍信: number and date"
        ),
        sa.Column(
            "document_kind",
            sa.Enum(
                "identity_card",
                "passport",
                "officer_card",
                "work_card",
                name="documentkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("document_tail", sa.String(length=4), nullable=False, comment="the last four signs only"),
        sa.Column("companion_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False, comment="closing time of his last day"),
        sa.Column("registered_by", sa.String(length=36), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["companion_id"], ["person.id"], name=op.f("fk_visit_companion_id")),
        sa.ForeignKeyConstraint(["registered_by"], ["person.id"], name=op.f("fk_visit_registered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("number", name=op.f("uq_visit_number")),
    )
    op.create_index(op.f("ix_visit_companion_id"), "visit", ["companion_id"], unique=False)
    op.create_table(
        "visit_item",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("visit_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("asked", sa.Enum("view", "paper", name="visitasked", native_enum=False, length=32), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("grant_id", sa.String(length=36), nullable=True),
        sa.Column(
            "state",
            sa.Enum("open", "approved", "refused", "withdrawn", name="visititemstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["case_id"], ["approval_case.id"], name=op.f("fk_visit_item_case_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["grant.id"], name=op.f("fk_visit_item_grant_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_visit_item_item_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_item_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_item")),
        sa.UniqueConstraint("visit_id", "position", name=op.f("uq_visit_item_visit_id_position")),
    )
    op.create_index(op.f("ix_visit_item_item_id"), "visit_item", ["item_id"], unique=False)


def _paper_readings() -> None:
    """Paper read in the room."""
    op.create_table(
        "paper_reading",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False, comment="of the line it is for, e.g. 2021-0012-01"),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("line_id", sa.String(length=36), nullable=True),
        sa.Column("visit_item_id", sa.String(length=36), nullable=True),
        sa.Column(
            "state",
            sa.Enum("fetched", "reading", "returned", "shelved", name="readingstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("box", sa.String(length=120), nullable=False, comment="the box it was fetched from"),
        sa.Column("shelf", sa.String(length=100), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True, comment="counted when it was handed over"),
        sa.Column(
            "condition",
            sa.Enum("sound", "worn", "damaged", name="condition", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("seat_id", sa.String(length=36), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "alarmed_at", sa.DateTime(timezone=True), nullable=True, comment="when the alarm of closing time was given"
        ),
        sa.CheckConstraint(
            "state IN ('fetched', 'reading', 'returned', 'shelved')", name=op.f("ck_paper_reading_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('reading', 'returned') OR pages IS NOT NULL", name=op.f("ck_paper_reading_counted")
        ),
        sa.CheckConstraint("(line_id IS NULL) <> (visit_item_id IS NULL)", name=op.f("ck_paper_reading_origin")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_paper_reading_item_id")),
        sa.ForeignKeyConstraint(["line_id"], ["request_line.id"], name=op.f("fk_paper_reading_line_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_paper_reading_seat_id")),
        sa.ForeignKeyConstraint(["visit_item_id"], ["visit_item.id"], name=op.f("fk_paper_reading_visit_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_reading")),
        sa.UniqueConstraint("id", "item_id", name=op.f("uq_paper_reading_id_item_id")),
    )
    op.create_index(op.f("ix_paper_reading_item_id"), "paper_reading", ["item_id"], unique=False)
    op.create_index(op.f("ix_paper_reading_line_id"), "paper_reading", ["line_id"], unique=False)
    op.create_index("ix_paper_reading_state", "paper_reading", ["state"], unique=False)
    op.create_index(op.f("ix_paper_reading_visit_item_id"), "paper_reading", ["visit_item_id"], unique=False)


def _out_acts() -> None:
    """Paper leaves by an order only."""
    op.create_table(
        "out_act",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False, comment="出库单号, e.g. C2021-0001"),
        sa.Column(
            "kind",
            sa.Enum(
                "digitisation",
                "repair",
                "transfer",
                "destruction",
                "emergency",
                "seizure",
                name="outkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "approved",
                "refused",
                "withdrawn",
                "signed",
                "out",
                "back",
                "gone",
                name="outstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("ground", sa.Text(), nullable=False, comment="why"),
        sa.Column(
            "ordered_by", sa.String(length=200), nullable=False, comment="who ordered it, and the number of the order"
        ),
        sa.Column("disposal", sa.String(length=200), nullable=False, comment="reference of the executed disposal"),
        sa.Column("destination", sa.String(length=200), nullable=False, comment="where it goes, or to whom"),
        sa.Column("due_back", sa.String(length=10), nullable=True, comment="YYYY-MM-DD in the organisation's zone"),
        sa.Column("created_by", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "approve_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="an emergency is approved afterwards, until then",
        ),
        sa.Column("given_by", sa.String(length=36), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.String(length=36), nullable=True, comment="who took it, or saw it taken"),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "taker", sa.String(length=200), nullable=False, comment="somebody without account: name, unit, document"
        ),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "alarmed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was told that no approval came in time",
        ),
        sa.CheckConstraint(
            "(kind IN ('transfer', 'destruction')) = (due_back IS NULL)", name=op.f("ck_out_act_due_back")
        ),
        sa.CheckConstraint(
            "kind IN ('digitisation', 'repair', 'transfer', 'destruction', 'emergency', 'seizure')",
            name=op.f("ck_out_act_kind"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('transfer', 'destruction') OR disposal <> ''", name=op.f("ck_out_act_disposal")
        ),
        sa.CheckConstraint("state <> 'gone' OR kind IN ('transfer', 'destruction')", name=op.f("ck_out_act_gone")),
        sa.CheckConstraint(
            "state IN ('asked', 'approved', 'refused', 'withdrawn')"
            " OR (state IN ('signed', 'out', 'back', 'gone') AND (approved_at IS NOT NULL OR kind = 'emergency'))",
            name=op.f("ck_out_act_approved"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('out', 'back', 'gone') OR (given_by IS NOT NULL AND taken_by IS NOT NULL)",
            name=op.f("ck_out_act_signed"),
        ),
        sa.CheckConstraint("given_by <> taken_by", name=op.f("ck_out_act_two_people")),
        sa.ForeignKeyConstraint(["case_id"], ["approval_case.id"], name=op.f("fk_out_act_case_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_out_act_created_by")),
        sa.ForeignKeyConstraint(["given_by"], ["person.id"], name=op.f("fk_out_act_given_by")),
        sa.ForeignKeyConstraint(["taken_by"], ["person.id"], name=op.f("fk_out_act_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_out_act")),
        sa.UniqueConstraint("number", name=op.f("uq_out_act_number")),
    )
    op.create_table(
        "out_item",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("act_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("box", sa.String(length=120), nullable=False, comment="the box it left, where its out-card lies"),
        sa.Column("shelf", sa.String(length=100), nullable=False),
        sa.Column("pages_out", sa.Integer(), nullable=True),
        sa.Column(
            "condition_out",
            sa.Enum("sound", "worn", "damaged", name="condition", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("pages_back", sa.Integer(), nullable=True),
        sa.Column(
            "condition_back",
            sa.Enum("sound", "worn", "damaged", name="condition", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("back_by", sa.String(length=36), nullable=True),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["out_act.id"], name=op.f("fk_out_item_act_id")),
        sa.ForeignKeyConstraint(["back_by"], ["person.id"], name=op.f("fk_out_item_back_by")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_out_item_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_out_item")),
        sa.UniqueConstraint("act_id", "item_id", name=op.f("uq_out_item_act_id_item_id")),
        sa.UniqueConstraint("act_id", "position", name=op.f("uq_out_item_act_id_position")),
        sa.UniqueConstraint("id", "item_id", name=op.f("uq_out_item_id_item_id")),
    )
    op.create_index(op.f("ix_out_item_item_id"), "out_item", ["item_id"], unique=False)


def _paper_places() -> None:
    """Where paper is, and every act of its custody."""
    op.create_table(
        "paper_custody",
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column(
            "place",
            sa.Enum("box", "desk", "room", "out", name="whereabouts", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("reading_id", sa.String(length=36), nullable=True),
        sa.Column("out_id", sa.String(length=36), nullable=True),
        sa.Column("acts", sa.Integer(), nullable=False, comment="how many acts its log has"),
        sa.CheckConstraint("(place = 'out') = (out_id IS NOT NULL)", name=op.f("ck_paper_custody_out_by_out_act")),
        sa.CheckConstraint("place <> 'room' OR reading_id IS NOT NULL", name=op.f("ck_paper_custody_room_for_reading")),
        sa.CheckConstraint("place IN ('box', 'desk', 'room', 'out')", name=op.f("ck_paper_custody_place")),
        sa.CheckConstraint(
            "reading_id IS NULL OR place IN ('desk', 'room')", name=op.f("ck_paper_custody_reading_in_the_room")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_paper_custody_item_id")),
        sa.ForeignKeyConstraint(
            ["out_id", "item_id"], ["out_item.id", "out_item.item_id"], name=op.f("fk_paper_custody_out_id_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["reading_id", "item_id"],
            ["paper_reading.id", "paper_reading.item_id"],
            name=op.f("fk_paper_custody_reading_id_item_id"),
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_paper_custody")),
    )
    op.create_table(
        "custody_act",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "fetched",
                "handed_over",
                "taken_back",
                "shelved",
                "handed_out",
                "brought_back",
                name="custodykind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "place",
            sa.Enum("box", "desk", "room", "out", name="whereabouts", native_enum=False, length=32),
            nullable=False,
            comment="where the paper is after it",
        ),
        sa.Column("reading_id", sa.String(length=36), nullable=True),
        sa.Column("out_id", sa.String(length=36), nullable=True),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.Column("with_id", sa.String(length=36), nullable=True, comment="the second person"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column(
            "condition",
            sa.Enum("sound", "worn", "damaged", name="condition", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("(place = 'out') = (kind = 'handed_out')", name=op.f("ck_custody_act_out")),
        sa.CheckConstraint(
            "kind <> 'handed_out' OR (out_id IS NOT NULL AND with_id IS NOT NULL)",
            name=op.f("ck_custody_act_out_by_out_act"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('handed_over', 'handed_out') OR by_id <> with_id", name=op.f("ck_custody_act_two_people")
        ),
        sa.CheckConstraint("place IN ('box', 'desk', 'room', 'out')", name=op.f("ck_custody_act_place")),
        sa.CheckConstraint(
            "reading_id IS NULL OR (place IN ('box', 'desk', 'room') AND out_id IS NULL)",
            name=op.f("ck_custody_act_reading"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_custody_act_by_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_custody_act_item_id")),
        sa.ForeignKeyConstraint(["out_id"], ["out_item.id"], name=op.f("fk_custody_act_out_id")),
        sa.ForeignKeyConstraint(["reading_id"], ["paper_reading.id"], name=op.f("fk_custody_act_reading_id")),
        sa.ForeignKeyConstraint(["with_id"], ["person.id"], name=op.f("fk_custody_act_with_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_act")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_custody_act_item_id_number")),
    )
    op.create_index(op.f("ix_custody_act_out_id"), "custody_act", ["out_id"], unique=False)
    op.create_index(op.f("ix_custody_act_reading_id"), "custody_act", ["reading_id"], unique=False)


def _paper_incidents() -> None:
    """What went wrong with paper."""
    op.create_table(
        "paper_incident",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False, comment="e.g. Y2021-0001"),
        sa.Column(
            "kind",
            sa.Enum("missing", "damaged", "overdue", name="incidentkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("reported", "examined", "concluded", name="incidentstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("reading_id", sa.String(length=36), nullable=True),
        sa.Column("out_id", sa.String(length=36), nullable=True),
        sa.Column("reported_by", sa.String(length=36), nullable=True, comment="none: the system"),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("examined_by", sa.String(length=36), nullable=True),
        sa.Column("examined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("concluded_by", sa.String(length=36), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum("found", "lost", "repair", "noted", name="incidentoutcome", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state <> 'concluded' OR (examined_by IS NOT NULL AND concluded_by IS NOT NULL AND outcome IS NOT NULL)",
            name=op.f("ck_paper_incident_concluded"),
        ),
        sa.CheckConstraint("concluded_by <> examined_by", name=op.f("ck_paper_incident_two_people")),
        sa.CheckConstraint("concluded_by <> reported_by", name=op.f("ck_paper_incident_another")),
        sa.ForeignKeyConstraint(["concluded_by"], ["person.id"], name=op.f("fk_paper_incident_concluded_by")),
        sa.ForeignKeyConstraint(["examined_by"], ["person.id"], name=op.f("fk_paper_incident_examined_by")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_paper_incident_item_id")),
        sa.ForeignKeyConstraint(["out_id"], ["out_item.id"], name=op.f("fk_paper_incident_out_id")),
        sa.ForeignKeyConstraint(["reading_id"], ["paper_reading.id"], name=op.f("fk_paper_incident_reading_id")),
        sa.ForeignKeyConstraint(["reported_by"], ["person.id"], name=op.f("fk_paper_incident_reported_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_incident")),
        sa.UniqueConstraint("number", name=op.f("uq_paper_incident_number")),
    )
    op.create_index(op.f("ix_paper_incident_item_id"), "paper_incident", ["item_id"], unique=False)
    op.create_index("ix_paper_incident_state", "paper_incident", ["state"], unique=False)


def _copies() -> None:
    """Numbered copies, extracts and certificates."""
    moment = sa.DateTime(timezone=True)
    people = ("applicant_id", "writer_id", "keeper_id", "checked_by", "issued_by", "ended_by")
    op.create_table(
        "issued_copy",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("line_id", sa.String(length=36), nullable=True),
        sa.Column("applicant_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("heading", sa.String(length=200), nullable=False, comment="of a text, as printed"),
        sa.Column("writer_id", sa.String(length=36), nullable=False),
        sa.Column("keeper_id", sa.String(length=36), nullable=False),
        sa.Column("written_at", moment, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=True, comment="as printed, e.g. 复〔2021〕0012号"),
        sa.Column("code", sa.String(length=16), nullable=True, comment="80 random bits, by which it is verified"),
        sa.Column("checked_by", sa.String(length=36), nullable=True),
        sa.Column("checked_at", moment, nullable=True),
        sa.Column("page_count", sa.Integer(), nullable=True, comment="of the stored PDF"),
        sa.Column("sha256", sa.String(length=64), nullable=True, comment="of the stored PDF"),
        sa.Column(
            "prints", sa.Integer(), nullable=False, comment="how often it was printed, always under the same number"
        ),
        sa.Column("issued_by", sa.String(length=36), nullable=True),
        sa.Column("issued_at", moment, nullable=True),
        sa.Column("receiver", sa.String(length=100), nullable=False, comment="who took it"),
        sa.Column("sheets", sa.Integer(), nullable=True, comment="sheets of paper handed over"),
        sa.Column("ended_by", sa.String(length=36), nullable=True, comment="who declared it void, or gave it up"),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(number IS NULL) = (state IN ('draft', 'discarded'))", name=op.f("ck_issued_copy_numbered_when_checked")
        ),
        sa.CheckConstraint("(number IS NULL) = (checked_by IS NULL)", name=op.f("ck_issued_copy_checked_by_somebody")),
        sa.CheckConstraint(
            "kind = 'copy' OR checked_by IS NULL OR checked_by <> writer_id", name=op.f("ck_issued_copy_second_checker")
        ),
        sa.CheckConstraint(
            "checked_by IS NULL OR checked_by <> applicant_id", name=op.f("ck_issued_copy_not_the_applicant")
        ),
        sa.CheckConstraint("state <> 'issued' OR sha256 IS NOT NULL", name=op.f("ck_issued_copy_issued_as_stored")),
        sa.ForeignKeyConstraint(["line_id"], ["request_line.id"], name=op.f("fk_issued_copy_line_id")),
        *(sa.ForeignKeyConstraint([one], ["person.id"], name=op.f(f"fk_issued_copy_{one}")) for one in people),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_copy")),
        sa.UniqueConstraint("code", name=op.f("uq_issued_copy_code")),
        sa.UniqueConstraint("number", name=op.f("uq_issued_copy_number")),
    )
    for column in ("applicant_id", "keeper_id", "line_id"):
        op.create_index(op.f(f"ix_issued_copy_{column}"), "issued_copy", [column], unique=False)
    op.create_index("ix_issued_copy_state", "issued_copy", ["state", "written_at"], unique=False)
    op.create_table(
        "copy_part",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("copy_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False, comment="1-based within the item"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["copy_id"], ["issued_copy.id"], name=op.f("fk_copy_part_copy_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_copy_part_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_part")),
        sa.UniqueConstraint("copy_id", "position", name=op.f("uq_copy_part_copy_id_position")),
    )
    op.create_index(op.f("ix_copy_part_item_id"), "copy_part", ["item_id"], unique=False)


def _notices() -> None:
    """What people are told, how they want to be told of it by e-mail, and what waits to be sent."""
    moment = sa.DateTime(timezone=True)
    email = "where notices are sent; empty: nowhere"
    op.add_column("person", sa.Column("email", sa.String(length=254), nullable=False, server_default="", comment=email))
    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False, comment="a path of the web front end"),
        sa.Column("facts", sa.JSON(), nullable=False, comment="numbers and names; never words from a record's pages"),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("read_at", moment, nullable=True),
        sa.Column("done_at", moment, nullable=True, comment="nothing is to be done about it any more"),
        sa.Column("told_at", moment, nullable=True, comment="handed on to e-mail and webhook"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_unread", "notice", ["person_id", "read_at"], unique=False)
    op.create_index("ix_notice_link", "notice", ["link"], unique=False)
    untold = sa.text("told_at IS NULL")
    op.create_index(
        "ix_notice_untold", "notice", ["created_at"], unique=False, sqlite_where=untold, postgresql_where=untold
    )
    op.create_table(
        "notice_choice",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_choice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_choice")),
        sa.UniqueConstraint("person_id", "kind", name=op.f("uq_notice_choice_person_id_kind")),
    )
    op.create_table(
        "notice_outbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False, comment="ids"),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("until", moment, nullable=False, comment="given up then"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("unclear", sa.Integer(), nullable=False, comment="tries of which nobody knows how they ended"),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("given_up_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_outbox_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_outbox")),
    )
    op.create_index("ix_notice_outbox_due", "notice_outbox", ["channel", "given_up_at", "due_at"], unique=False)
    _use()


def _use() -> None:
    """Closed months of the register of use, and effects of use."""
    moment = sa.DateTime(timezone=True)
    figures = [sa.Column(name, sa.Integer(), nullable=False) for name in ("rows", "person_times", "uses", "pages")]
    in_zone = "such as 2021-03, in the organisation's zone"
    op.create_table(
        "ledger_month",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False, comment=in_zone),
        sa.Column("closed_by", sa.String(length=36), nullable=False),
        sa.Column("closed_at", moment, nullable=False),
        *figures,
        sa.Column("copied", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of the rows"),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_ledger_month_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_month")),
        sa.UniqueConstraint("month", name=op.f("uq_ledger_month_month")),
    )
    op.create_table(
        "use_effect",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("reminded_at", moment, nullable=True),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("benefit", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state <> 'given' OR (kind IS NOT NULL AND words <> '')", name=op.f("ck_use_effect_said")),
        sa.CheckConstraint("benefit IS NULL OR benefit >= 0", name=op.f("ck_use_effect_benefit")),
        sa.ForeignKeyConstraint(["request_id"], ["reading_request.id"], name=op.f("fk_use_effect_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_use_effect")),
        sa.UniqueConstraint("request_id", name=op.f("uq_use_effect_request_id")),
    )


def _sign_in() -> None:
    """Second factors, tokens of programs, tries that failed, and who comes from a directory or a provider."""
    op.create_table(
        "begun_sign_in",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("wanted", sa.String(length=2000), nullable=False, comment="the path to go on to"),
        sa.Column("nonce", sa.String(length=64), nullable=False, comment="what the provider has to repeat"),
        sa.Column("verifier", sa.String(length=128), nullable=False, comment="RFC 7636"),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_begun_sign_in_person_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_begun_sign_in")),
    )
    op.create_table(
        "second_factor",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False, comment="base32"),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_second_factor_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_person_id"), "recovery_code", ["person_id"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_api_token_token_sha256")),
    )
    op.create_index(op.f("ix_api_token_person_id"), "api_token", ["person_id"], unique=False)
    _refused_sign_ins()
    _external_identities()


def _refused_sign_ins() -> None:
    network = "an IPv4 address or the /64 of an IPv6 one"
    op.create_table(
        "refused_sign_in",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False, comment=network),
        sa.Column("login_sha256", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_sign_in")),
    )
    op.create_index("ix_refused_sign_in_origin", "refused_sign_in", ["origin", "at"], unique=False)
    op.create_table(
        "closed_address",
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("logins", sa.Integer(), nullable=False, comment="how many different ones were tried"),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_closed_address")),
    )


def _external_identities() -> None:
    source = sa.Enum("ldap", "oidc", name="source", native_enum=False, length=32)
    op.create_table(
        "external_identity",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("source", source, nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False, comment="what never changes there"),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_external_identity_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_identity")),
        sa.UniqueConstraint("source", "subject", name=op.f("uq_external_identity_source_subject")),
    )
    op.create_index(op.f("ix_external_identity_person_id"), "external_identity", ["person_id"], unique=False)
    op.create_table(
        "group_rule",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("source", source, nullable=False),
        sa.Column("group", sa.String(length=500), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("post_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(role IS NULL) <> (post_id IS NULL)", name=op.f("ck_group_rule_role_or_post")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_group_rule_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_rule")),
        sa.UniqueConstraint("source", "group", "role", "post_id", name=op.f("uq_group_rule_source_group_role_post_id")),
    )
    op.create_table(
        "group_holding",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("source", source, nullable=False),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("post_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint("(role IS NULL) <> (post_id IS NULL)", name=op.f("ck_group_holding_role_or_post")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_group_holding_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_group_holding_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_holding")),
    )
    op.create_index(op.f("ix_group_holding_person_id"), "group_holding", ["person_id"], unique=False)
