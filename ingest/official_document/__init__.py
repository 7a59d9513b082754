"""Reads the catalogue fields off recognised pages as GB/T 9704 lays them out: proposals that a person accepts or not.

Also minutes, orders, contracts and letters, in simplified, traditional and English; an unknown layout yields little
rather than nonsense.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from ingest.context import PageText, Proposal
from ingest.official_document.attached import find_attachments, find_copies
from ingest.official_document.dates import YEARS_APART, find_date
from ingest.official_document.issuers import BETWEEN, find_addressee, find_issuer
from ingest.official_document.marks import find_secrecy, find_term, find_urgency
from ingest.official_document.numbers import find_number, year_of
from ingest.official_document.regions import regions_of
from ingest.official_document.rows import Found, rows_of
from ingest.official_document.titles import find_title
from ingest.official_document.words import CONTRACTS, kind_of

__all__ = ["BETWEEN", "propose"]


def propose(pages: Sequence[PageText]) -> tuple[Proposal, ...]:
    """What the pages of one document seem to say of it; at most one proposal a field, none for what was not found."""
    regions = regions_of(rows_of(pages))
    number = find_number(regions)
    title = find_title(regions, number)
    kind = _kind(title)
    contract = kind is not None and kind.value in CONTRACTS
    date = find_date(regions, title, year_of(number.value) if number else 0, contract=contract)
    secrecy = find_secrecy(regions.all)
    found = {
        "title": title,
        "document_number": _doubted(number, date),
        "date": date,
        "issuer": find_issuer(regions, number, title, date, contract=contract),
        "addressee": find_addressee(regions, title),
        "document_type": kind,
        "secrecy": secrecy,
        "term": find_term(secrecy),
        "urgency": find_urgency(regions.all),
        "attachments": find_attachments(regions),
        "copies_to": find_copies(regions),
    }
    return (*(_proposal(field, fact) for field, fact in found.items() if fact), *_seal(pages))


def _kind(title: Found | None) -> Found | None:
    """The kind of document (文种), which the title ends with."""
    kind = kind_of(title.value) if title else ""
    return replace(title, value=kind) if title and kind else None


def _doubted(number: Found | None, date: Found | None) -> Found | None:
    """The number, less sure if the date is of another year."""
    year = year_of(number.value) if number else 0
    if number and date and year and not 0 <= int(date.value[:4]) - year <= YEARS_APART:
        return replace(number, confidence=0.6 * number.confidence)
    return number


def _seal(pages: Sequence[PageText]) -> tuple[Proposal, ...]:
    """Whether a seal was found, and on which page the first is."""
    sealed = [number for number, page in enumerate(pages, 1) if page.seals]
    return (Proposal("seal", "有", 0.95, sealed[0], None),) if sealed else ()


def _proposal(field: str, found: Found) -> Proposal:
    """Only as sure as the lines were read rightly."""
    confidence = found.confidence * prod(row.legible for row in found.read_from)
    on_page = [row for row in found.read_from if row.page == found.row.page]
    lines = on_page[-1].index - found.row.index + 1
    return Proposal(field, found.value, round(confidence, 3), found.row.page, found.row.index, lines)
