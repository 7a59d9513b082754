"""The first tables: fonds, items, pages, people, requests and the audit trail. Nothing for you to do."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_first_tables"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 - one statement a table
    """Make the tables."""
    op.create_table(
        "archival_code",
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False, comment="False: an old code that still finds the item"),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_archival_code")),
    )
    op.create_index(op.f("ix_archival_code_item_id"), "archival_code", ["item_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False, comment="source:subject:action"),
        sa.Column("actor_id", sa.String(length=36), nullable=True),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("os_user", sa.String(length=64), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_action"), "audit_entry", ["action"], unique=False)
    op.create_index(op.f("ix_audit_entry_actor_id"), "audit_entry", ["actor_id"], unique=False)
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index(op.f("ix_audit_entry_subject_id"), "audit_entry", ["subject_id"], unique=False)
    op.create_table(
        "audit_segment",
        sa.Column("first", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="chain digest of the last entry"),
        sa.Column("key", sa.String(length=200), nullable=False, comment="object in the store"),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("first", name=op.f("pk_audit_segment")),
    )
    op.create_table(
        "code_series",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("prefix", sa.String(length=120), nullable=False, comment="the code without its number"),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_series")),
        sa.UniqueConstraint("prefix", name=op.f("uq_code_series_prefix")),
    )
    op.create_table(
        "fonds",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False, comment="全宗号, e.g. Z109"),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fonds")),
        sa.UniqueConstraint("code", name=op.f("uq_fonds_code")),
    )
    op.create_table(
        "index_outbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_outbox")),
    )
    op.create_index(op.f("ix_index_outbox_item_id"), "index_outbox", ["item_id"], unique=False)
    op.create_table(
        "item_lease",
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_lease")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False, comment="the same work is never queued twice"),
        sa.Column("group", sa.String(length=36), nullable=True, comment="e.g. the batch, for progress by counting"),
        sa.Column(
            "state",
            sa.Enum("waiting", "running", "done", "failed", "cancelled", name="jobstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("priority", sa.Integer(), nullable=False, comment="lower runs first"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "owner", sa.String(length=200), nullable=True, comment="host:pid:start time of the process that holds it"
        ),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False, comment="counts claims; an old claim cannot complete"),
        sa.Column("error", sa.Text(), nullable=True, comment="reason code and class, never content"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
    )
    op.create_index("ix_job_claim", "job", ["state", "priority", "run_after", "id"], unique=False)
    op.create_index(op.f("ix_job_group"), "job", ["group"], unique=False)
    op.create_table(
        "store_outbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_outbox")),
    )
    op.create_index(op.f("ix_store_outbox_item_id"), "store_outbox", ["item_id"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=False, comment="part of archival codes, e.g. BGS"),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    op.create_table(
        "audit_link",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.String(length=36), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_link_entry_id")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_link_entry_id")),
    )
    op.create_table(
        "box",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("fonds_id", sa.String(length=36), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "retention", sa.Enum("Y", "D30", "D10", name="retention", native_enum=False, length=32), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("shelf", sa.String(length=100), nullable=False, comment="库房-列-架-层"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["fonds_id"], ["fonds.id"], name=op.f("fk_box_fonds_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_box_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_box")),
        sa.UniqueConstraint(
            "fonds_id",
            "year",
            "retention",
            "unit_id",
            "number",
            name=op.f("uq_box_fonds_id_year_retention_unit_id_number"),
        ),
    )
    op.create_table(
        "category",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("fonds_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False, comment="门类代码, e.g. WS"),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "code_pattern",
            sa.String(length=200),
            nullable=False,
            comment="e.g. {fonds}-{category}·{year}-{retention}-{unit}-{number:04}",
        ),
        sa.Column(
            "number_at",
            sa.Enum("acceptance", "arrangement", "hand_over", name="numberat", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("electronic_only", sa.Boolean(), nullable=False, comment="no paper carrier is required"),
        sa.ForeignKeyConstraint(["fonds_id"], ["fonds.id"], name=op.f("fk_category_fonds_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint(
            "fonds_id", "code", "electronic_only", name=op.f("uq_category_fonds_id_code_electronic_only")
        ),
    )
    op.create_index(op.f("ix_category_fonds_id"), "category", ["fonds_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("post", sa.String(length=100), nullable=False, comment="post as shown, e.g. 办公室主任"),
        sa.Column("unit_id", sa.String(length=36), nullable=False),
        sa.Column(
            "language",
            sa.Enum("zh_Hans", "zh_Hant", "en", name="language", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_index(op.f("ix_person_unit_id"), "person", ["unit_id"], unique=False)
    op.create_table(
        "approval_case",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("applicant_id", sa.String(length=36), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "approved", "refused", "withdrawn", name="casestate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["applicant_id"], ["person.id"], name=op.f("fk_approval_case_applicant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_case")),
    )
    op.create_index(op.f("ix_approval_case_applicant_id"), "approval_case", ["applicant_id"], unique=False)
    op.create_index(op.f("ix_approval_case_subject_id"), "approval_case", ["subject_id"], unique=False)
    op.create_table(
        "batch",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False, comment="e.g. 20211103-01"),
        sa.Column(
            "source",
            sa.Enum("upload", "watch", "command", name="batchsource", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("fonds_id", sa.String(length=36), nullable=False),
        sa.Column("category_id", sa.String(length=36), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accept", sa.Boolean(), nullable=False, comment="file what is proposed without review"),
        sa.Column("box_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["box_id"], ["box.id"], name=op.f("fk_batch_box_id")),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_batch_category_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_batch_created_by")),
        sa.ForeignKeyConstraint(["fonds_id"], ["fonds.id"], name=op.f("fk_batch_fonds_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("number", name=op.f("uq_batch_number")),
    )
    op.create_table(
        "credential",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_credential_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_credential")),
    )
    op.create_table(
        "grant",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column(
            "number", sa.String(length=32), nullable=False, comment="request number as printed, e.g. 2021-0012-01"
        ),
        sa.Column("kind", sa.Enum("approved", "task", name="grantkind", native_enum=False, length=32), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
        sa.UniqueConstraint("number", name=op.f("uq_grant_number")),
    )
    op.create_index(op.f("ix_grant_item_id"), "grant", ["item_id"], unique=False)
    op.create_index("ix_grant_lookup", "grant", ["person_id", "item_id", "ends_at"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("fonds_id", sa.String(length=36), nullable=False),
        sa.Column("category_id", sa.String(length=36), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=False, comment="department it belongs to"),
        sa.Column("box_id", sa.String(length=36), nullable=True),
        sa.Column("code", sa.String(length=120), nullable=True, comment="present archival code"),
        sa.Column("accession", sa.String(length=40), nullable=False, comment="temporary running number 流水号"),
        sa.Column(
            "state",
            sa.Enum(
                "accepted",
                "arranged",
                "numbered",
                "filed",
                "shelved",
                "destroyed",
                name="itemstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document_number", sa.String(length=100), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("date", sa.String(length=8), nullable=False, comment="YYYYMMDD, unknown parts 0"),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "retention", sa.Enum("Y", "D30", "D10", name="retention", native_enum=False, length=32), nullable=False
        ),
        sa.Column(
            "secrecy",
            sa.Enum("none", "secret", "confidential", "top_secret", name="secrecy", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "trade_secrecy",
            sa.Enum("none", "ordinary", "core", name="tradesecrecy", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "control",
            sa.Enum("public", "internal", "work_secret", name="control", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("accepted_by", sa.String(length=36), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "stored_version",
            sa.Integer(),
            nullable=False,
            comment="newest version of the stored object that we committed",
        ),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_item_accepted_by")),
        sa.ForeignKeyConstraint(["box_id"], ["box.id"], name=op.f("fk_item_box_id")),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_item_category_id")),
        sa.ForeignKeyConstraint(["fonds_id"], ["fonds.id"], name=op.f("fk_item_fonds_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_item_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("accession", name=op.f("uq_item_accession")),
        sa.UniqueConstraint("code", name=op.f("uq_item_code")),
    )
    op.create_index(op.f("ix_item_box_id"), "item", ["box_id"], unique=False)
    op.create_index(op.f("ix_item_fonds_id"), "item", ["fonds_id"], unique=False)
    op.create_index(op.f("ix_item_state"), "item", ["state"], unique=False)
    op.create_index(op.f("ix_item_unit_id"), "item", ["unit_id"], unique=False)
    op.create_table(
        "reading_request",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False, comment="e.g. 2021-0012"),
        sa.Column("reader_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["reader_id"], ["person.id"], name=op.f("fk_reading_request_reader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_request")),
        sa.UniqueConstraint("number", name=op.f("uq_reading_request_number")),
    )
    op.create_index(op.f("ix_reading_request_reader_id"), "reading_request", ["reader_id"], unique=False)
    op.create_table(
        "role_holding",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "archivist",
                "records_officer",
                "reader",
                "department_head",
                "office_director",
                "system_administrator",
                "security_administrator",
                "audit_administrator",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_holding_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_holding")),
        sa.UniqueConstraint("person_id", "role", name=op.f("uq_role_holding_person_id_role")),
    )
    op.create_index(op.f("ix_role_holding_person_id"), "role_holding", ["person_id"], unique=False)
    op.create_table(
        "web_session",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_web_session_person_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_web_session")),
    )
    op.create_index(op.f("ix_web_session_person_id"), "web_session", ["person_id"], unique=False)
    op.create_table(
        "approval_step",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "archivist",
                "records_officer",
                "reader",
                "department_head",
                "office_director",
                "system_administrator",
                "security_administrator",
                "audit_administrator",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.String(length=36), nullable=True),
        sa.Column(
            "state",
            sa.Enum("waiting", "due", "approved", "refused", "skipped", name="stepstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("decided_by", sa.String(length=36), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["approval_case.id"], name=op.f("fk_approval_step_case_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_approval_step_decided_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_approval_step_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_step")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_approval_step_case_id_position")),
    )
    op.create_index(op.f("ix_approval_step_case_id"), "approval_step", ["case_id"], unique=False)
    op.create_table(
        "batch_file",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="as it came; never used as a path"),
        sa.Column("intake_key", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column(
            "state",
            sa.Enum("received", "opened", "duplicate", "refused", name="filestate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=64), nullable=False, comment="stable code, see ingest.errors"),
        sa.Column(
            "duplicate_of", sa.String(length=36), nullable=True, comment="id of the draft or item with the same bytes"
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_file_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_file")),
        sa.UniqueConstraint("batch_id", "position", name=op.f("uq_batch_file_batch_id_position")),
    )
    op.create_index(op.f("ix_batch_file_batch_id"), "batch_file", ["batch_id"], unique=False)
    op.create_index(op.f("ix_batch_file_sha256"), "batch_file", ["sha256"], unique=False)
    op.create_table(
        "item_file",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "path", sa.String(length=200), nullable=False, comment="logical path in the OCFL object, a name of ours"
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="the file name as it came; never used as a path"),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_file_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_file")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_item_file_item_id_number")),
    )
    op.create_index(op.f("ix_item_file_item_id"), "item_file", ["item_id"], unique=False)
    op.create_index(op.f("ix_item_file_sha256"), "item_file", ["sha256"], unique=False)
    op.create_table(
        "request_line",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("grant_id", sa.String(length=36), nullable=True),
        sa.Column(
            "state",
            sa.Enum("open", "approved", "refused", "withdrawn", name="linestate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["case_id"], ["approval_case.id"], name=op.f("fk_request_line_case_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["grant.id"], name=op.f("fk_request_line_grant_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_request_line_item_id")),
        sa.ForeignKeyConstraint(["request_id"], ["reading_request.id"], name=op.f("fk_request_line_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_line")),
        sa.UniqueConstraint("request_id", "position", name=op.f("uq_request_line_request_id_position")),
    )
    op.create_index(op.f("ix_request_line_item_id"), "request_line", ["item_id"], unique=False)
    op.create_index(op.f("ix_request_line_request_id"), "request_line", ["request_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("file_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "recognising",
                "ready",
                "accepting",
                "accepted",
                "discarded",
                "quarantined",
                name="draftstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("proposals", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=True),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="counts changes, so that two reviewers notice each other"
        ),
        sa.Column("accepted_by", sa.String(length=36), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_draft_accepted_by")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_draft_batch_id")),
        sa.ForeignKeyConstraint(["file_id"], ["batch_file.id"], name=op.f("fk_draft_file_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_draft_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("batch_id", "position", name=op.f("uq_draft_batch_id_position")),
    )
    op.create_index(op.f("ix_draft_batch_id"), "draft", ["batch_id"], unique=False)
    op.create_index(op.f("ix_draft_state"), "draft", ["state"], unique=False)
    op.create_table(
        "page",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="1-based within the item"),
        sa.Column("file_id", sa.String(length=36), nullable=False),
        sa.Column("source_page", sa.Integer(), nullable=False, comment="0-based within the file"),
        sa.Column("rotation", sa.Integer(), nullable=False, comment="clockwise degrees to stand upright"),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("blank", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["item_file.id"], name=op.f("fk_page_file_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_page_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_page_item_id_number")),
    )
    op.create_index(op.f("ix_page_item_id"), "page", ["item_id"], unique=False)
    op.create_table(
        "draft_page",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("draft_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="1-based within the draft"),
        sa.Column("source_page", sa.Integer(), nullable=False, comment="0-based within the file"),
        sa.Column(
            "state",
            sa.Enum("waiting", "done", "failed", name="pagestate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("rotation", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("blank", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=True, comment="ingest.context.PageText as JSON"),
        sa.Column("thumbnail_key", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_draft_page_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_page")),
        sa.UniqueConstraint("draft_id", "number", name=op.f("uq_draft_page_draft_id_number")),
    )
    op.create_index(op.f("ix_draft_page_draft_id"), "draft_page", ["draft_id"], unique=False)
    op.create_table(
        "page_text",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("page_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "origin", sa.Enum("machine", "human", name="textorigin", native_enum=False, length=32), nullable=False
        ),
        sa.Column("content", sa.JSON(), nullable=False, comment="ingest.context.PageText as JSON"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_page_text_page_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_text")),
        sa.UniqueConstraint("page_id", "version", name=op.f("uq_page_text_page_id_version")),
    )
    op.create_index(op.f("ix_page_text_page_id"), "page_text", ["page_id"], unique=False)
