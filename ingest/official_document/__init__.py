"""Reads the catalogue fields off recognised pages as GB/T 9704 lays them out: proposals that a person accepts or not.

Also minutes, contracts and letters, in simplified, traditional and English; an unknown layout yields little rather
than nonsense.
"""

from collections.abc import Sequence

from ingest.context import PageText, Proposal
from ingest.official_document.dates import find_date
from ingest.official_document.issuers import find_addressee, find_issuer
from ingest.official_document.marks import find_secrecy, find_urgency
from ingest.official_document.numbers import find_number
from ingest.official_document.rows import Found, rows_of
from ingest.official_document.titles import find_title

__all__ = ["propose"]


def propose(pages: Sequence[PageText]) -> tuple[Proposal, ...]:
    """What the pages of one document seem to say of it; at most one proposal a field, none for what was not found."""
    rows = rows_of(pages)
    number = find_number(rows)
    title = find_title(rows, number)
    date = find_date(rows)
    found = {
        "title": title,
        "document_number": number,
        "date": date,
        "issuer": find_issuer(rows, number, title, date),
        "addressee": find_addressee(rows, title),
        "secrecy": find_secrecy(rows),
        "urgency": find_urgency(rows),
    }
    return tuple(_proposal(field, fact) for field, fact in found.items() if fact)


def _proposal(field: str, found: Found) -> Proposal:
    confidence = found.confidence * found.row.confidence
    return Proposal(field, found.value, round(confidence, 3), found.row.page, found.row.index)
