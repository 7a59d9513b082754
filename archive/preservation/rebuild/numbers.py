"""Codes and numbers: what was once used is never given again, whatever the journal missed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from archive.catalogue.codes import CodeError, CodePattern
from archive.catalogue.models import ArchivalCode, Category, CodeSeries, Item
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.db import Base
from archive.preservation.rebuild.report import Matter, Report

__all__ = ["lift_counters", "note_codes"]


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A column of numbers with the year in front; `series` is what their counter is called."""

    table: str
    column: str
    shape: re.Pattern[str]
    series: str


_NUMBERED = (
    _Numbered("item", "accession", re.compile(r"(\d{4})-(\d+)"), "accession-{}"),
    _Numbered("reading_request", "number", re.compile(r"(\d{4})-(\d+)"), "request/{}"),
    # What was granted bears the number of its request, what an archivist opened for a task one of its own.
    _Numbered("grant", "number", re.compile(r"(\d{4})-(\d+)-\d+"), "request/{}"),
    _Numbered("grant", "number", re.compile(r"T(\d{4})-(\d+)"), "task/{}"),
    _Numbered("standing_authorisation", "number", re.compile(r"S(\d{4})-(\d+)"), "standing/{}"),
    _Numbered("visit", "number", re.compile(r"L(\d{4})-(\d+)"), "visit/{}"),
    _Numbered("out_act", "number", re.compile(r"C(\d{4})-(\d+)"), "out/{}"),
    _Numbered("paper_incident", "number", re.compile(r"Y(\d{4})-(\d+)"), "paper-incident/{}"),
    _Numbered("issued_copy", "number", re.compile(r"复〔(\d{4})〕(\d+)号"), "copy/copy/{}"),
    _Numbered("issued_copy", "number", re.compile(r"摘〔(\d{4})〕(\d+)号"), "copy/extract/{}"),
    _Numbered("issued_copy", "number", re.compile(r"证〔(\d{4})〕(\d+)号"), "copy/certificate/{}"),
    _Numbered("secrecy_incident", "number", re.compile(r"(\d{4})-(\d+)"), "secrecy-incident-{}"),
)


def note_codes(session: Session, report: Report) -> None:
    """Note codes as used that only an item itself, or the trail, knows of: the journal was a moment behind."""
    noted = select(ArchivalCode.code)
    bare = select(Item.code, Item.id, Item.accepted_at).where(Item.code.is_not(None), Item.code.not_in(noted))
    for code, item_id, at in session.execute(bare).all():
        _note(session, report, ArchivalCode(code=code, item_id=item_id, current=True, given_at=at))
    code_given = AuditEntry.details["code"].as_string()
    given = select(code_given, AuditEntry.subject_id, AuditEntry.at)
    given = given.where(AuditEntry.action == AuditAction.CODE_GIVEN, code_given.not_in(noted))
    for code, item_id, at in session.execute(given).all():
        _note(session, report, ArchivalCode(code=code, item_id=item_id, current=False, given_at=at))


def _note(session: Session, report: Report, code: ArchivalCode) -> None:
    session.merge(code)
    session.flush()
    report.add(Matter.CODE, code.item_id, f"the code {code.code} was used and not yet in the journal")


def lift_counters(session: Session) -> None:
    """Let every counter stand above the highest number of its series that is in use."""
    highest: dict[str, int] = {}
    for series, number in (*_codes(session), *_numbers(session)):
        highest[series] = max(number, highest.get(series, 0))
    counters = {counter.prefix: counter for counter in session.scalars(select(CodeSeries))}
    for series, number in highest.items():
        if series not in counters:
            session.add(CodeSeries(prefix=series, next_number=number + 1))
        elif counters[series].next_number <= number:
            counters[series].next_number = number + 1
    session.flush()


def _codes(session: Session) -> Iterator[tuple[str, int]]:
    """Series and number of every archival code once used, also of items that are no longer there."""
    patterns = list(session.scalars(select(Category.code_pattern).distinct()))
    used = select(ArchivalCode.code, Category.code_pattern)
    used = used.outerjoin(Item, Item.id == ArchivalCode.item_id).outerjoin(Category)
    for code, pattern in session.execute(used.execution_options(yield_per=1000)):
        for shape in [pattern] if pattern else patterns:
            try:
                reader = CodePattern(shape)
                parts = reader.parse(code)
            except CodeError:
                continue
            yield reader.series(parts), parts.number or 0


def _numbers(session: Session) -> Iterator[tuple[str, int]]:
    for numbered in _NUMBERED:
        table: Table = Base.metadata.tables[numbered.table]
        for (value,) in session.execute(select(table.c[numbered.column]).execution_options(yield_per=1000)):
            if found := numbered.shape.fullmatch(value or ""):
                yield numbered.series.format(found[1]), int(found[2])
