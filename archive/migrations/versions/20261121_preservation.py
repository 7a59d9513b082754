"""The archive can be rebuilt from its store: every change is journalled there, each stored object describes itself.

All items are described anew, which the background work does after the start.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_preservation"
down_revision = "20261121_sealed_trail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; have every item described and copied once."""
    op.create_table(
        "copy_outbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_outbox")),
    )
    op.create_index(op.f("ix_copy_outbox_item_id"), "copy_outbox", ["item_id"], unique=False)
    op.create_table(
        "journal_outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("table_name", sa.String(length=64), nullable=False),
        sa.Column("row_key", sa.String(length=120), nullable=False, comment="primary key of the changed row"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="by the database's clock"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_outbox")),
    )
    op.create_table(
        "journal_segment",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False, comment="object in the store"),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "complete_until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="every change committed before is in the store",
        ),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_journal_segment")),
    )
    op.create_table(
        "object_copy",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column(
            "location", sa.Enum("primary", "second", name="location", native_enum=False, length=32), nullable=False
        ),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="newest version known to be whole there; 0: none yet"
        ),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes read at the last check, all versions"),
        sa.Column(
            "state",
            sa.Enum("unchecked", "ok", "damaged", "missing", name="copystate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True, comment="None: not locked by us"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_object_copy")),
        sa.UniqueConstraint("item_id", "location", name=op.f("uq_object_copy_item_id_location")),
    )
    due = ["location", "state", "checked_at", "size", "version", "locked_until"]
    op.create_index("ix_object_copy_due", "object_copy", due, unique=False)
    op.create_table(
        "preservation_event",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "ingestion",
                "fixity check",
                "replication",
                "recovery",
                "deletion",
                "encryption",
                name="eventtype",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=True),
        sa.Column(
            "location", sa.Enum("primary", "second", name="location", native_enum=False, length=32), nullable=True
        ),
        sa.Column(
            "outcome", sa.Enum("success", "failure", name="eventoutcome", native_enum=False, length=32), nullable=False
        ),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("agent", sa.String(length=100), nullable=False, comment="program and version, or a person's name"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preservation_event")),
    )
    op.create_index("ix_preservation_event_kind", "preservation_event", ["type", "outcome", "at"], unique=False)
    op.create_index(op.f("ix_preservation_event_at"), "preservation_event", ["at"], unique=False)
    op.create_index(op.f("ix_preservation_event_item_id"), "preservation_event", ["item_id"], unique=False)
    op.create_table(
        "tombstone",
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False, comment="the approval that ordered it"),
        sa.Column("item", sa.JSON(), nullable=False, comment="the item's row, as archive.platform.rows writes it"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_tombstone")),
    )
    for outbox in ("store_outbox", "copy_outbox"):
        op.execute(f"INSERT INTO {outbox} (id, item_id, created_at) SELECT id, id, accepted_at FROM item")  # noqa: S608
