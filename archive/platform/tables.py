"""What becomes of each table when an archive is rebuilt from its store. A test fails on a table that is not here."""

import enum
from importlib import import_module

from sqlalchemy import Table
from sqlalchemy.orm import configure_mappers

from archive.platform.db import Base

__all__ = ["FATES", "MODULES", "Fate", "load_tables", "tables_of"]


class Fate(enum.StrEnum):
    """Where the rows of a table come from after a total loss of the database."""

    JOURNAL = "journal"  #: rebuilt: every change is written to the journal in the store, and read back from there
    OBJECT = "object"  #: rebuilt: the item's own stored object says it
    TRAIL = "trail"  #: rebuilt: the sealed segments of the audit trail in the store say it
    DERIVED = "derived"  #: follows from what is rebuilt, or from work that can be begun again
    LOST = "lost"  #: gone, on purpose


FATES: dict[str, Fate] = {
    # people and what they may do
    "unit": Fate.JOURNAL,
    "post": Fate.JOURNAL,
    "post_holding": Fate.JOURNAL,
    "person": Fate.JOURNAL,
    "role_holding": Fate.JOURNAL,
    "notice": Fate.LOST,
    "notice_choice": Fate.JOURNAL,
    "notice_outbox": Fate.DERIVED,
    "credential": Fate.LOST,
    "web_session": Fate.LOST,
    "begun_sign_in": Fate.LOST,
    "second_factor": Fate.LOST,
    "recovery_code": Fate.LOST,
    "api_token": Fate.LOST,
    "refused_sign_in": Fate.LOST,
    "closed_address": Fate.LOST,
    "external_identity": Fate.JOURNAL,
    "group_rule": Fate.JOURNAL,
    "group_holding": Fate.JOURNAL,
    # the record
    "fonds": Fate.JOURNAL,
    "category": Fate.JOURNAL,
    "code_series": Fate.JOURNAL,
    "archival_code": Fate.JOURNAL,
    "box": Fate.JOURNAL,
    "item": Fate.OBJECT,
    "item_file": Fate.OBJECT,
    "page": Fate.OBJECT,
    "page_text": Fate.OBJECT,
    "item_note": Fate.OBJECT,
    "tombstone": Fate.JOURNAL,
    "preservation_event": Fate.JOURNAL,
    # use of the record
    "approval_case": Fate.JOURNAL,
    "approval_step": Fate.JOURNAL,
    "approval_act": Fate.JOURNAL,
    "delegation": Fate.JOURNAL,
    "chain_version": Fate.JOURNAL,
    "chain_rule": Fate.JOURNAL,
    "grant": Fate.JOURNAL,
    "seat": Fate.JOURNAL,
    "place_rule": Fate.JOURNAL,
    "reading_request": Fate.JOURNAL,
    "request_line": Fate.JOURNAL,
    "ledger_month": Fate.JOURNAL,
    "use_effect": Fate.JOURNAL,
    "standing_authorisation": Fate.JOURNAL,
    "signed_form": Fate.JOURNAL,
    "signed_step": Fate.JOURNAL,
    "leader_order": Fate.JOURNAL,
    "task_list": Fate.JOURNAL,
    "basket_item": Fate.LOST,
    "visit": Fate.JOURNAL,
    "visit_item": Fate.JOURNAL,
    "paper_reading": Fate.JOURNAL,
    "paper_custody": Fate.JOURNAL,
    "custody_act": Fate.JOURNAL,
    "paper_incident": Fate.JOURNAL,
    "out_act": Fate.JOURNAL,
    "out_item": Fate.JOURNAL,
    "room_weekday": Fate.JOURNAL,
    "room_day": Fate.JOURNAL,
    "seat_booking": Fate.JOURNAL,
    "issued_copy": Fate.JOURNAL,
    "copy_part": Fate.JOURNAL,
    # intake is not the archive: what is not accepted is scanned again
    "batch": Fate.LOST,
    "batch_file": Fate.LOST,
    "draft": Fate.LOST,
    "draft_page": Fate.LOST,
    "separator_set": Fate.LOST,  # its sheets say themselves what they are
    "upload": Fate.LOST,
    "secrecy_incident": Fate.JOURNAL,
    "batch_plan": Fate.JOURNAL,
    "sampling_check": Fate.JOURNAL,
    "sampled_page": Fate.JOURNAL,
    "issuer_rule": Fate.JOURNAL,
    # the trail
    "audit_entry": Fate.TRAIL,
    "audit_link": Fate.TRAIL,
    "audit_segment": Fate.TRAIL,
    # work under way
    "job": Fate.DERIVED,
    "paused_group": Fate.DERIVED,
    "index_outbox": Fate.DERIVED,
    "store_outbox": Fate.DERIVED,
    "copy_outbox": Fate.DERIVED,
    "item_lease": Fate.DERIVED,
    # what is known of the stores: looked at again after a loss
    "journal_outbox": Fate.DERIVED,
    "journal_segment": Fate.DERIVED,
    "object_copy": Fate.DERIVED,
}

#: Where tables are declared. Named, not imported: the platform knows no feature, and a process may have loaded none.
MODULES = (
    "archive.platform.accounts.models",
    "archive.platform.accounts.sign_in_models",
    "archive.platform.approval.models",
    "archive.platform.audit.models",
    "archive.platform.grants",
    "archive.platform.jobs.models",
    "archive.platform.journal.models",
    "archive.platform.leases",
    "archive.platform.notifications.models",
    "archive.platform.outbox",
    "archive.platform.seats.models",
    "archive.catalogue.events",
    "archive.catalogue.models",
    "archive.borrowing.models",
    "archive.borrowing.paper.models",
    "archive.borrowing.copies.models",
    "archive.borrowing.ledger.models",
    "archive.digitization.learning.models",
    "archive.digitization.models",
    "archive.digitization.separators.models",
    "archive.digitization.quality.models",
    "archive.digitization.secrecy.models",
    "archive.digitization.upload.models",
    "archive.preservation.models",
)


def load_tables() -> None:
    """Load every table. A process does it before its threads begin: none may meet tables that another half loaded."""
    for module in MODULES:
        import_module(module)
    configure_mappers()


def tables_of(*fates: Fate) -> list[Table]:
    """The tables of these fates, each after those it refers to."""
    load_tables()
    return [table for table in Base.metadata.sorted_tables if FATES.get(table.name) in fates]
