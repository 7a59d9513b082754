"""Everything that was found about a batch, page by page and as a whole, for the page 质量."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.digitization.models import Batch, BatchFile, Draft, DraftPage, DraftState, PageRole, PageState
from archive.digitization.quality.models import BatchPlan, Counts
from archive.digitization.quality.rules import ScannedPage, Wanted, deviations

__all__ = ["Issue", "issues_of"]

_GONE = (DraftState.DISCARDED, DraftState.QUARANTINED)


@dataclass(frozen=True, slots=True)
class Issue:
    """A finding and where it is: a page of a draft, a page of none yet, or the whole batch where `page_id` is None.

    `number` is 1-based: of the page in its draft, or else in its file, whose name `name` is then.
    """

    code: str
    value: float
    page_id: str | None = None
    draft_id: str | None = None
    number: int = 0
    name: str = ""


def issues_of(session: Session, batch: Batch, plan: BatchPlan | None, *, settled: bool) -> list[Issue]:
    """All of them: first those of the batch, then page by page in order. `settled`: counts are final."""
    found = list(_of_counts(session, batch, plan)) if settled and plan is not None else []
    found += _of_custody(plan) if plan is not None and plan.handed_back_at is not None else []
    found += _of_drafts(session, batch)
    found += _of_pages(session, batch, plan)
    return found


def _of_counts(session: Session, batch: Batch, plan: BatchPlan) -> Iterator[Issue]:
    """What was expected of the batch and is not there, or is too much."""
    pages = select(func.count()).select_from(DraftPage).outerjoin(Draft, DraftPage.draft_id == Draft.id)
    pages = pages.where(DraftPage.batch_id == batch.id, DraftPage.role == PageRole.CONTENT)
    scanned = session.scalar(pages.where(Draft.id.is_(None) | Draft.state.not_in(_GONE))) or 0
    drafts = select(func.count()).where(Draft.batch_id == batch.id, Draft.state.not_in(_GONE))
    counts = (
        ("pages_differ", plan.expected_pages, scanned),
        ("sheets_differ", plan.expected_sheets, (scanned + 1) // 2 if batch.duplex else scanned),
        ("items_differ", plan.expected_items, session.scalar(drafts) or 0),
    )
    for code, expected, there in counts:
        if expected is not None and expected != there:
            yield Issue(code, abs(expected - there))


def _of_custody(plan: BatchPlan) -> Iterator[Issue]:
    """Originals that came back in other numbers than they went out."""
    for unit, out, back in zip(Counts._fields, plan.handed_out, plan.handed_back, strict=True):
        if out is not None and back is not None and out != back:
            yield Issue(f"{unit}_{'not_back' if back < out else 'too_many_back'}", abs(out - back))


def _of_drafts(session: Session, batch: Batch) -> Iterator[Issue]:
    """What the printed page numbers of each item say."""
    drafts = select(Draft).where(Draft.batch_id == batch.id, Draft.state.not_in(_GONE)).order_by(Draft.position)
    for draft in session.scalars(drafts):
        for finding in draft.findings:
            if finding["code"].startswith("number_"):
                page = session.get(DraftPage, finding["page"])
                number = (page.number or 0) if page is not None else 0
                yield Issue(finding["code"], finding["value"], finding["page"], draft.id, number, draft.name)


def _of_pages(session: Session, batch: Batch, plan: BatchPlan | None) -> Iterator[Issue]:
    """What is wrong with each image, and how it differs from the plan or from the others."""
    wanted = (
        select(
            DraftPage.id,
            DraftPage.draft_id,
            func.coalesce(DraftPage.number, DraftPage.source_page + 1),
            func.coalesce(Draft.name, BatchFile.name),
            DraftPage.findings,
            DraftPage.dpi,
            DraftPage.colour,
        )
        .join(BatchFile, DraftPage.file_id == BatchFile.id)
        .outerjoin(Draft, DraftPage.draft_id == Draft.id)
        .where(DraftPage.batch_id == batch.id, DraftPage.role == PageRole.CONTENT, DraftPage.state == PageState.DONE)
        .where(Draft.id.is_(None) | Draft.state.not_in(_GONE))
        .order_by(func.coalesce(Draft.position, BatchFile.position), DraftPage.number, DraftPage.source_page)
    )
    pages = session.execute(wanted).all()
    planned = Wanted(plan.wanted_dpi, plan.wanted_colour) if plan is not None else Wanted()
    others: dict[int, list[tuple[str, float]]] = {}
    for one in deviations([ScannedPage(dpi, colour) for *_, dpi, colour in pages], planned):
        others.setdefault(one.index, []).append((one.code, one.value))
    for index, (page_id, draft_id, number, name, findings, _, _) in enumerate(pages):
        own = [(finding["code"], float(finding["value"])) for finding in findings]
        coarse = any(code == "low_resolution" for code, _ in own)
        for code, value in own + others.get(index, []):
            # Too few dots for any plan are told once.
            if not (coarse and code in ("below_plan", "mixed_resolution")):
                yield Issue(code, value, page_id, draft_id, number, name)
