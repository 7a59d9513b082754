"""What becomes of each table when an archive is rebuilt from its store. A test fails on a table that is not here."""

import enum

__all__ = ["FATES", "Fate"]


class Fate(enum.StrEnum):
    """Where the rows of a table come from after a total loss of the database."""

    REBUILT = "rebuilt"  #: written to the store with every change, and read back from there
    DERIVED = "derived"  #: follows from what is rebuilt, or from work that can be begun again
    LOST = "lost"  #: gone, on purpose


FATES: dict[str, Fate] = {
    # people and what they may do
    "unit": Fate.REBUILT,
    "person": Fate.REBUILT,
    "role_holding": Fate.REBUILT,
    "credential": Fate.LOST,
    "web_session": Fate.LOST,
    # the record
    "fonds": Fate.REBUILT,
    "category": Fate.REBUILT,
    "code_series": Fate.DERIVED,
    "archival_code": Fate.REBUILT,
    "box": Fate.REBUILT,
    "item": Fate.REBUILT,
    "item_file": Fate.REBUILT,
    "page": Fate.REBUILT,
    "page_text": Fate.REBUILT,
    # use of the record
    "approval_case": Fate.REBUILT,
    "approval_step": Fate.REBUILT,
    "grant": Fate.REBUILT,
    "reading_request": Fate.REBUILT,
    "request_line": Fate.REBUILT,
    # intake is not the archive: what is not accepted is scanned again
    "batch": Fate.LOST,
    "batch_file": Fate.LOST,
    "draft": Fate.LOST,
    "draft_page": Fate.LOST,
    # the trail
    "audit_entry": Fate.REBUILT,
    "audit_link": Fate.REBUILT,
    "audit_segment": Fate.DERIVED,
    # work under way
    "job": Fate.DERIVED,
    "index_outbox": Fate.DERIVED,
    "store_outbox": Fate.DERIVED,
    "item_lease": Fate.DERIVED,
}
