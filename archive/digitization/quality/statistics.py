"""How much was scanned and how well: per operator, per device, per month."""

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, case, cast, func, select
from sqlalchemy.orm import Session, aliased

from archive.digitization.models import Batch, DraftPage, PageRole, PageState
from archive.digitization.quality.models import BatchPlan, SampledPage, SamplingCheck, Verdict
from archive.platform.accounts.models import Person

__all__ = ["By", "Figures", "statistics", "total"]


class By(enum.StrEnum):
    """What the figures are counted by."""

    OPERATOR = "operator"
    DEVICE = "device"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one operator, device or month. `flawed`: pages with findings; `sampled`, `bad`: pages people judged."""

    name: str
    batches: int = 0
    pages: int = 0
    flawed: int = 0
    sampled: int = 0
    bad: int = 0

    @property
    def flawed_share(self) -> float | None:
        """Percent of the pages, None without pages."""
        return 100 * self.flawed / self.pages if self.pages else None

    @property
    def error_rate(self) -> float | None:
        """Percent of the sampled pages, None if none was sampled."""
        return 100 * self.bad / self.sampled if self.sampled else None


class _Batch(NamedTuple):
    """A batch with what its figures are counted by."""

    id: str
    created_at: datetime
    operator_id: str
    operator: str
    device: str


def statistics(
    session: Session, by: By, span: tuple[datetime, datetime], zone: ZoneInfo, which: ColumnElement[bool]
) -> list[Figures]:
    """Figures of `which` batches, opened from the first time until before the second.

    By month they come in order, else the most pages first.
    """
    when = (Batch.created_at >= span[0], Batch.created_at < span[1], which)
    pages, sampled = _pages(session, *when), _sampled(session, *when)
    groups: dict[str, list[Figures]] = defaultdict(list)
    for batch in _batches(session, *when):
        key, name = _group(batch, by, zone)
        groups[key].append(Figures(name, 1, *pages.get(batch.id, (0, 0)), *sampled.get(batch.id, (0, 0))))
    summed = [replace(total(figures), name=figures[0].name) for figures in groups.values()]
    return sorted(summed, key=lambda one: one.name if by is By.MONTH else (-one.pages, one.name))


def total(figures: Iterable[Figures]) -> Figures:
    """The sum of them, without a name."""
    counts = [(one.batches, one.pages, one.flawed, one.sampled, one.bad) for one in figures]
    return Figures("", *(sum(column) for column in zip(*counts, strict=True))) if counts else Figures("")


def _group(batch: _Batch, by: By, zone: ZoneInfo) -> tuple[str, str]:
    """What sets a group apart, and what it is called: two operators may have one name."""
    if by is By.OPERATOR:
        return batch.operator_id, batch.operator
    name = batch.device if by is By.DEVICE else f"{batch.created_at.astimezone(zone):%Y-%m}"
    return name, name


def _batches(session: Session, *when: ColumnElement[bool]) -> Iterator[_Batch]:
    scanner, opener = aliased(Person), aliased(Person)
    wanted = (
        select(
            Batch.id,
            Batch.created_at,
            func.coalesce(scanner.id, opener.id),
            func.coalesce(scanner.name, opener.name),
            func.coalesce(BatchPlan.device, ""),
        )
        .join(opener, Batch.created_by == opener.id)
        .outerjoin(BatchPlan, BatchPlan.batch_id == Batch.id)
        .outerjoin(scanner, BatchPlan.scanned_by == scanner.id)
        .where(*when)
    )
    return (_Batch(*row) for row in session.execute(wanted))


def _pages(session: Session, *when: ColumnElement[bool]) -> dict[str, tuple[int, int]]:
    """Pages read of each batch, and those with findings."""
    flawed = func.sum(case((cast(DraftPage.findings, String) != "[]", 1), else_=0))
    wanted = select(DraftPage.batch_id, func.count(), flawed).join(Batch, DraftPage.batch_id == Batch.id)
    wanted = wanted.where(*when, DraftPage.state == PageState.DONE, DraftPage.role == PageRole.CONTENT)
    rows = session.execute(wanted.group_by(DraftPage.batch_id))
    return {batch: (pages, int(flawed or 0)) for batch, pages, flawed in rows}


def _sampled(session: Session, *when: ColumnElement[bool]) -> dict[str, tuple[int, int]]:
    """Sampled pages of each batch that somebody judged, and those found bad."""
    bad = func.sum(case((SampledPage.verdict == Verdict.BAD, 1), else_=0))
    wanted = select(SamplingCheck.batch_id, func.count(), bad).join(SampledPage.check)
    wanted = wanted.join(Batch, SamplingCheck.batch_id == Batch.id)
    wanted = wanted.where(*when, SampledPage.verdict.is_not(None))
    rows = session.execute(wanted.group_by(SamplingCheck.batch_id))
    return {batch: (judged, int(bad or 0)) for batch, judged, bad in rows}
