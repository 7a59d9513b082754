"""Scans become a production line: batches are divided, paused, prioritised; pages are judged, turned and corrected.

Scans that wait for review stay; each page now says itself which file it is of.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_digitization"
down_revision = "20261121_preservation"
branch_labels = None
depends_on = None

_PLACE_PAGES = """
UPDATE draft_page
SET file_id = (SELECT draft.file_id FROM draft WHERE draft.id = draft_page.draft_id),
    batch_id = (SELECT draft.batch_id FROM draft WHERE draft.id = draft_page.draft_id)
"""
_NAME_DRAFTS = """
UPDATE draft SET name = (SELECT batch_file.name FROM batch_file WHERE batch_file.id = draft.file_id)
"""
_ALIKE = "64 bits in hex; alike pages, alike bits"


def upgrade() -> None:
    """Add what is new, with what it was without saying; then bind it."""
    _batches()
    _pages()
    _drafts()
    _filed()
    _uploads()
    _secrecy_incidents()
    _jobs()
    _quality()
    _rules()
    _separators()
    _notes()


def _rules() -> None:
    """What archivists taught of issuers."""
    kinds = ("issuer", "unit", "retention", "control", "carrier", "number_code", "title_prefix")
    times, otherwise = "times in a row that it was corrected so", "times that it was corrected otherwise"
    stands_for = "the sign or prefix that `value` stands for"
    op.create_table(
        "issuer_rule",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("fonds_id", sa.String(length=36), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False, comment="as it is read, folded"),
        sa.Column("taught", sa.Enum(*kinds, name="taught", native_enum=False, length=32), nullable=False),
        sa.Column("read", sa.String(length=200), nullable=False, comment=stands_for),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False, comment=times),
        sa.Column("contradicted", sa.Integer(), nullable=False, comment=otherwise),
        sa.Column("taught_by", sa.String(length=36), nullable=False),
        sa.Column("taught_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["fonds_id"], ["fonds.id"], name=op.f("fk_issuer_rule_fonds_id")),
        sa.ForeignKeyConstraint(["taught_by"], ["person.id"], name=op.f("fk_issuer_rule_taught_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer_rule")),
        sa.UniqueConstraint(
            "fonds_id", "issuer", "taught", "read", name=op.f("uq_issuer_rule_fonds_id_issuer_taught_read")
        ),
    )


def _uploads() -> None:
    """What browsers said that they will send."""
    chosen = "with its folders, as it was chosen; never used as a path"
    op.create_table(
        "upload",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="in the order in which they were announced"),
        sa.Column("name", sa.Text(), nullable=False, comment=chosen),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified", sa.BigInteger(), nullable=False, comment="milliseconds since 1970, as the browser says"),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False, comment="when bytes of it came last"),
        sa.Column("whole", sa.Boolean(), nullable=False, comment="it came, and is a file of the batch now"),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_upload_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index(op.f("ix_upload_batch_id"), "upload", ["batch_id"], unique=False)


def _batches() -> None:
    """How a batch is divided, and what people do to it."""
    with op.batch_alter_table("batch") as batch:
        states = sa.Enum(
            "active", "paused", "cancelled", "quarantined", name="batchstate", native_enum=False, length=32
        )
        batch.add_column(sa.Column("state", states, nullable=False, server_default="active"))
        complete = "every file that belongs to it has come"
        batch.add_column(
            sa.Column("complete", sa.Boolean(), nullable=False, server_default=sa.true(), comment=complete)
        )
        priority = "of its jobs; lower runs first"
        batch.add_column(sa.Column("priority", sa.Integer(), nullable=False, server_default="0", comment=priority))
        rules = sa.Enum("file", "separators", "blank", "every", name="splitrule", native_enum=False, length=32)
        batch.add_column(sa.Column("split_rule", rules, nullable=False, server_default="file"))
        pages = "pages of an item where the rule is `every`"
        batch.add_column(sa.Column("split_pages", sa.Integer(), nullable=False, server_default="0", comment=pages))
        duplex = "scanned on both sides: a sheet is two pages"
        batch.add_column(sa.Column("duplex", sa.Boolean(), nullable=False, server_default=sa.false(), comment=duplex))
        findings = "what is doubtful about its division into items: code, page (id) and value"
        batch.add_column(sa.Column("findings", sa.JSON(), nullable=False, server_default="[]", comment=findings))


def _pages() -> None:
    """A page belongs to its file; to a draft only once it is known to which."""
    with op.batch_alter_table("draft_page") as page:
        page.add_column(sa.Column("batch_id", sa.String(length=36), nullable=True))
        page.add_column(sa.Column("file_id", sa.String(length=36), nullable=True))
        roles = sa.Enum("content", "separator", "removed", name="pagerole", native_enum=False, length=32)
        page.add_column(sa.Column("role", roles, nullable=False, server_default="content"))
        page.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
        placed = "recognition leaves `role` as it is"
        page.add_column(
            sa.Column("placed_by_hand", sa.Boolean(), nullable=False, server_default=sa.false(), comment=placed)
        )
        page.add_column(
            sa.Column("former_draft_id", sa.String(length=36), nullable=True, comment="draft it was taken out of")
        )
        page.add_column(sa.Column("former_number", sa.Integer(), nullable=True, comment="its number there"))
        by_hand = "recognition leaves `rotation` as it is"
        page.add_column(
            sa.Column("turned_by_hand", sa.Boolean(), nullable=False, server_default=sa.false(), comment=by_hand)
        )
        text = "ingest.context.PageText as JSON"
        page.add_column(sa.Column("corrected", sa.JSON(), nullable=True, comment=text))
        page.add_column(sa.Column("sheet", sa.JSON(), nullable=True, comment="ingest.context.Sheet as JSON"))
        wrong = "ingest.context.Finding as JSON: what is wrong with the image"
        page.add_column(sa.Column("findings", sa.JSON(), nullable=False, server_default="[]", comment=wrong))
        page.add_column(
            sa.Column("fingerprint", sa.String(length=16), nullable=False, server_default="", comment=_ALIKE)
        )
    op.execute(_PLACE_PAGES)
    with op.batch_alter_table("draft_page") as page:
        page.alter_column("batch_id", existing_type=sa.String(length=36), nullable=False)
        page.alter_column("file_id", existing_type=sa.String(length=36), nullable=False)
        page.alter_column("draft_id", existing_type=sa.String(length=36), nullable=True)
        page.alter_column(
            "number", existing_type=sa.Integer(), nullable=True, existing_comment="1-based within the draft"
        )
        page.drop_index(op.f("ix_draft_page_draft_id"))
        page.create_index(op.f("ix_draft_page_batch_id"), ["batch_id"], unique=False)
        page.create_unique_constraint(op.f("uq_draft_page_file_id_source_page"), ["file_id", "source_page"])
        page.create_foreign_key(op.f("fk_draft_page_file_id"), "batch_file", ["file_id"], ["id"])
        page.create_foreign_key(op.f("fk_draft_page_batch_id"), "batch", ["batch_id"], ["id"])


def _drafts() -> None:
    """A draft may have pages of several files."""
    with op.batch_alter_table("draft") as draft:
        name = "what it is called until it has a title: file, and pages of it"
        draft.add_column(sa.Column("name", sa.Text(), nullable=False, server_default="", comment=name))
        draft.add_column(sa.Column("findings", sa.JSON(), nullable=False, server_default="[]"))
        sheet = "what the sheet before it says"
        draft.add_column(
            sa.Column("separator", sa.String(length=200), nullable=False, server_default="", comment=sheet)
        )
        draft.add_column(sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=True))
        typed = "fields that a person changed; they stay when it is read again"
        draft.add_column(sa.Column("typed", sa.JSON(), nullable=False, server_default="[]", comment=typed))
        acts = "counts acts on the light table; what was changed there is never accepted by itself"
        draft.add_column(sa.Column("arrangement", sa.Integer(), nullable=False, server_default="0", comment=acts))
    op.execute(_NAME_DRAFTS)
    with op.batch_alter_table("draft") as draft:
        draft.drop_constraint(op.f("fk_draft_file_id"), type_="foreignkey")
        draft.drop_column("file_id")


def _filed() -> None:
    """A filed page keeps its fingerprint; an original may hold some pages only of what came."""
    came = "of the file as it came, where this holds only some of its pages"
    with op.batch_alter_table("item_file") as file:
        file.add_column(
            sa.Column("source_sha256", sa.String(length=64), nullable=False, server_default="", comment=came)
        )
        file.create_index(op.f("ix_item_file_source_sha256"), ["source_sha256"], unique=False)
    with op.batch_alter_table("page") as page:
        page.add_column(
            sa.Column("fingerprint", sa.String(length=16), nullable=False, server_default="", comment=_ALIKE)
        )


def _secrecy_incidents() -> None:
    """What is kept of a mark of state secrecy among the scans."""
    sources = sa.Enum("upload", "watch", "command", "scanner", name="batchsource", native_enum=False, length=32)
    states = sa.Enum("open", "erased", "released", name="incidentstate", native_enum=False, length=32)
    levels = sa.Enum("none", "secret", "confidential", "top_secret", name="secrecy", native_enum=False, length=32)
    position = "of the file in its batch, from 1"
    pending = "None: the scans still have to leave the store"
    reason = "why it is a false alarm; no word of the page"
    again = "id of the batch in which the scans came again"
    op.create_table(
        "secrecy_incident",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False, comment="e.g. 2026-001"),
        sa.Column("state", states, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=True, comment="the record it came to light on"),
        sa.Column("former_secrecy", levels, nullable=True, comment="of that record"),
        sa.Column("batch_id", sa.String(length=36), nullable=False, comment="empty: on a record"),
        sa.Column("batch_number", sa.String(length=32), nullable=False),
        sa.Column("source", sources, nullable=True),
        sa.Column("brought_by", sa.String(length=36), nullable=False),
        sa.Column("file_position", sa.Integer(), nullable=False, comment=position),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False, comment="in that file, from 1"),
        sa.Column("file_count", sa.Integer(), nullable=False),
        sa.Column("isolated_at", sa.DateTime(timezone=True), nullable=True, comment=pending),
        sa.Column("proposed_by", sa.String(length=36), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False, comment=reason),
        sa.Column("closed_by", sa.String(length=36), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_as", sa.String(length=36), nullable=True, comment=again),
        sa.ForeignKeyConstraint(["brought_by"], ["person.id"], name=op.f("fk_secrecy_incident_brought_by")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_secrecy_incident_closed_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_secrecy_incident_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secrecy_incident")),
        sa.UniqueConstraint("number", name=op.f("uq_secrecy_incident_number")),
    )
    op.create_index(op.f("ix_secrecy_incident_item_id"), "secrecy_incident", ["item_id"], unique=False)
    op.create_index(op.f("ix_secrecy_incident_batch_id"), "secrecy_incident", ["batch_id"], unique=False)
    op.create_index(op.f("ix_secrecy_incident_file_sha256"), "secrecy_incident", ["file_sha256"], unique=False)


def _jobs() -> None:
    """Jobs of a group can be paused, or belong to a host; when a page was read is known, to tell the time left."""
    there = "only there it can be done, e.g. at a scanner"
    with op.batch_alter_table("job") as job:
        job.add_column(sa.Column("host", sa.String(length=100), nullable=True, comment=there))
    op.create_table(
        "paused_group",
        sa.Column("group", sa.String(length=36), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("group", name=op.f("pk_paused_group")),
    )
    with op.batch_alter_table("draft_page") as page:
        page.add_column(sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
        page.drop_index(op.f("ix_draft_page_batch_id"))
        page.create_index("ix_draft_page_progress", ["batch_id", "state", "read_at"], unique=False)


def _quality() -> None:
    """Plans of batches, the custody of their originals, and sampling checks; how a page was scanned, and its number."""
    colours = sa.Enum("bilevel", "grey", "colour", name="colourmode", native_enum=False, length=32)
    with op.batch_alter_table("draft_page") as page:
        page.add_column(sa.Column("colour", colours, nullable=True, comment="None: blank, or no scan"))
        number = "what may be its printed page number"
        page.add_column(sa.Column("numbers", sa.JSON(), nullable=False, server_default="[]", comment=number))
    _batch_plan(colours)
    _sampling()


def _batch_plan(colours: sa.Enum) -> None:
    demanded = "nothing is filed unseen before a check passed"
    share, highest = "of the pages that are sampled, percent", "of the sample that may be bad, percent"
    former = "each earlier time that the originals went out and came back, in these columns"
    people = ("prepared_by", "scanned_by", "checked_by", "handed_out_by", "taken_back_by")
    op.create_table(
        "batch_plan",
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("batch_number", sa.String(length=32), nullable=False),
        sa.Column("prepared_by", sa.String(length=36), nullable=True),
        sa.Column("scanned_by", sa.String(length=36), nullable=True),
        sa.Column("checked_by", sa.String(length=36), nullable=True),
        sa.Column("device", sa.String(length=100), nullable=False, comment="scanner that is used"),
        sa.Column("wanted_dpi", sa.Integer(), nullable=False),
        sa.Column("wanted_colour", colours, nullable=True, comment="None: any"),
        sa.Column("expected_items", sa.Integer(), nullable=True),
        sa.Column("expected_sheets", sa.Integer(), nullable=True),
        sa.Column("expected_pages", sa.Integer(), nullable=True),
        sa.Column("check_demanded", sa.Boolean(), nullable=False, comment=demanded),
        sa.Column("share", sa.Double(), nullable=False, comment=share),
        sa.Column("least", sa.Integer(), nullable=False, comment="pages that are sampled at least"),
        sa.Column("highest_error", sa.Double(), nullable=False, comment=highest),
        sa.Column("handed_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_out_by", sa.String(length=36), nullable=True),
        sa.Column("handed_out_to", sa.String(length=100), nullable=False),
        sa.Column("handed_out_items", sa.Integer(), nullable=True),
        sa.Column("handed_out_sheets", sa.Integer(), nullable=True),
        sa.Column("handed_out_pages", sa.Integer(), nullable=True),
        sa.Column("handed_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_back_by", sa.String(length=100), nullable=False, comment="who brought them"),
        sa.Column("taken_back_by", sa.String(length=36), nullable=True),
        sa.Column("handed_back_items", sa.Integer(), nullable=True),
        sa.Column("handed_back_sheets", sa.Integer(), nullable=True),
        sa.Column("handed_back_pages", sa.Integer(), nullable=True),
        sa.Column("handed_back_note", sa.Text(), nullable=False),
        sa.Column("former_custody", sa.JSON(), nullable=False, comment=former),
        *(sa.ForeignKeyConstraint([one], ["person.id"], name=op.f(f"fk_batch_plan_{one}")) for one in people),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_batch_plan")),
    )


def _sampling() -> None:
    outcomes = sa.Enum("open", "passed", "failed", name="checkoutcome", native_enum=False, length=32)
    verdicts = sa.Enum("good", "bad", name="verdict", native_enum=False, length=32)
    op.create_table(
        "sampling_check",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("batch_number", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="of the batch's checks, from 1"),
        sa.Column("drawn_by", sa.String(length=36), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False, comment="the same pages are drawn from it again"),
        sa.Column("pages", sa.Integer(), nullable=False, comment="of the batch when it was drawn"),
        sa.Column("share", sa.Double(), nullable=False, comment="percent"),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("highest_error", sa.Double(), nullable=False, comment="percent"),
        sa.Column("outcome", outcomes, nullable=False),
        sa.Column("concluded_by", sa.String(length=36), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["concluded_by"], ["person.id"], name=op.f("fk_sampling_check_concluded_by")),
        sa.ForeignKeyConstraint(["drawn_by"], ["person.id"], name=op.f("fk_sampling_check_drawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampling_check")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_sampling_check_batch_id_number")),
    )
    op.create_table(
        "sampled_page",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("check_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="from 1"),
        sa.Column("page_id", sa.String(length=36), nullable=False),
        sa.Column("verdict", verdicts, nullable=True),
        sa.Column("defect", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("judged_by", sa.String(length=36), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["check_id"], ["sampling_check.id"], name=op.f("fk_sampled_page_check_id")),
        sa.ForeignKeyConstraint(["judged_by"], ["person.id"], name=op.f("fk_sampled_page_judged_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampled_page")),
        sa.UniqueConstraint("check_id", "position", name=op.f("uq_sampled_page_check_id_position")),
    )


def _separators() -> None:
    """Sets of printed separator sheets; pages are looked up by the beginning of their fingerprints."""
    carried = "for each sheet what it carries, and its payload"
    op.create_table(
        "separator_set",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("mark", sa.String(length=16), nullable=False, comment="what its codes call it"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("carried", sa.JSON(), nullable=False, comment=carried),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("met", sa.JSON(), nullable=False, comment="numbers that were found in scans"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_separator_set_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_separator_set")),
        sa.UniqueConstraint("mark", name=op.f("uq_separator_set_mark")),
    )
    op.create_index(op.f("ix_draft_page_fingerprint"), "draft_page", ["fingerprint"], unique=False)
    op.create_index(op.f("ix_page_fingerprint"), "page", ["fingerprint"], unique=False)


def _notes() -> None:
    """What is to be known of paper originals: ticked while scanning or reviewing, then 备考表 of the item."""
    scanned = "catalogue.new_item.NewNote as JSON: what was ticked when it was scanned"
    said = "catalogue.new_item.NewNote as JSON; None: what its files say"
    with op.batch_alter_table("batch_file") as file:
        file.add_column(sa.Column("notes", sa.JSON(), nullable=False, server_default="[]", comment=scanned))
    with op.batch_alter_table("draft") as draft:
        draft.add_column(sa.Column("notes", sa.JSON(), nullable=True, comment=said))
    kinds = sa.Enum("unbound", "damaged", "pages_missing", "remark", name="notekind", native_enum=False, length=32)
    op.create_table(
        "item_note",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="empty where the kind says all"),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_note_item_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_item_note_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_note")),
    )
    op.create_index(op.f("ix_item_note_item_id"), "item_note", ["item_id"], unique=False)
