"""Batches: the list with the upload form, one batch with its live progress."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import func, select

from archive.catalogue.models import Item
from archive.catalogue.service import facts
from archive.digitization.models import (
    Batch,
    BatchFile,
    BatchSource,
    Draft,
    DraftPage,
    DraftState,
    FileState,
    PageState,
)
from archive.digitization.progress import progress_of
from archive.digitization.reasons import advice
from archive.digitization.retry import RetryService, retryable
from archive.digitization.review import visible_batches
from archive.digitization.upload.form import upload_form
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import NotFoundError
from archive.platform.guard import Act, Guard
from archive.platform.i18n import _
from archive.platform.paging import page_number

_TEMPLATES = "archive:digitization/templates/"
_PAGE = 20

SOURCES = {
    BatchSource.UPLOAD: _("上传"),
    BatchSource.WATCH: _("监视文件夹"),
    BatchSource.COMMAND: _("命令行"),
    BatchSource.SCANNER: _("扫描仪"),
}

#: what became of a file, in words, with the tone of the word
FILE_STATES = {
    FileState.RECEIVED: (_("等待打开"), "neutral"),
    FileState.DUPLICATE: (_("重复"), "amber"),
    FileState.REFUSED: (_("未收入"), "red"),
}
DRAFT_STATES = {
    DraftState.RECOGNISING: (_("识别中"), "blue"),
    DraftState.READY: (_("待审核"), "amber"),
    DraftState.ACCEPTING: (_("归档中"), "blue"),
    DraftState.ACCEPTED: (_("已归档"), "green"),
    DraftState.DISCARDED: (_("已作废"), "neutral"),
    DraftState.QUARANTINED: (_("已隔离"), "red"),
}


@view_config(
    route_name="digitization.batches",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "batches.jinja2",
)
def batches(request: Request) -> dict[str, Any]:
    """The newest batches first, and the form for more scans."""
    page = page_number(request.GET.get("page", ""))
    mine = visible_batches(request.identity)
    total = request.db.scalar(select(func.count()).select_from(mine.subquery()))
    shown = request.db.scalars(mine.order_by(Batch.id.desc()).limit(_PAGE).offset((page - 1) * _PAGE)).all()
    now = request.clock()
    return {
        "batches": [(batch, progress_of(request.db, batch, now)) for batch in shown],
        **upload_form(request),
        "sources": SOURCES,
        "page": page,
        "total": total,
        "url": lambda number: request.route_path("digitization.batches", _query={"page": number}),
    }


@view_config(
    route_name="digitization.batch",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "batch.jinja2",
)
@view_config(
    route_name="digitization.progress",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "batch_progress.jinja2",
)
def batch(request: Request) -> dict[str, Any]:
    """One batch: how far it is, what became of each file, and what to do."""
    found = _batch(request)
    return {
        "batch": found,
        "progress": progress_of(request.db, found, request.clock()),
        "lines": [line for file in found.files for line in _lines(request, file)],
        "retryable": retryable(request.db, found),
        "sources": SOURCES,
    }


@view_config(route_name="digitization.retry", permission=Permission.DIGITIZE)
def retry(request: Request) -> Response:
    """Try again what failed through a fault of ours, and watch it."""
    found = _batch(request)
    request.find_service(RetryService).retry(found)
    return HTTPSeeOther(request.route_path("digitization.batch", batch_id=found.id))


def known_item(request: Request, draft: Draft) -> Item | None:
    """The item a draft became, if this person may know of it."""
    item: Item | None = request.db.get(Item, draft.id) if draft.state is DraftState.ACCEPTED else None
    if item is None or not Guard(request.db, request.clock).decide(request.identity, facts(item), Act.KNOW).allowed:
        return None
    return item


def _batch(request: Request) -> Batch:
    batch: Batch | None = request.db.scalar(
        visible_batches(request.identity).where(Batch.id == request.matchdict["batch_id"])
    )
    if batch is None:
        raise NotFoundError(_("没有这个批次。"))
    return batch


def _lines(request: Request, file: BatchFile) -> list[dict[str, Any]]:
    """What the batch's page says of one file: a line for each draft that begins in it, or one for the file."""
    begins = select(DraftPage.draft_id).where(DraftPage.file_id == file.id, DraftPage.number == 1)
    drafts = request.db.scalars(select(Draft).where(Draft.id.in_(begins)).order_by(Draft.position)).all()
    return [_line(request, file, draft) for draft in (drafts or [None])]


def _line(request: Request, file: BatchFile, draft: Draft | None) -> dict[str, Any]:
    item = known_item(request, draft) if draft is not None else None
    refused = draft is None or file.state is FileState.REFUSED
    if draft is None and file.state is FileState.OPENED:
        state, tone = DRAFT_STATES[DraftState.RECOGNISING]
    else:
        state, tone = FILE_STATES[file.state] if refused or draft is None else DRAFT_STATES[draft.state]
    return {
        "file": file,
        "draft": draft,
        "name": draft.name if draft is not None and not refused else file.name,
        "item": item,
        "state": state,
        "tone": tone,
        "advice": advice(_reason(file, draft)) if _reason(file, draft) else "",
        "failed": [] if refused or draft is None else [p for p in draft.pages if p.state is PageState.FAILED],
        "twin": _twin(request, file),
        "reason_of": advice,
    }


def _reason(file: BatchFile, draft: Draft | None) -> str:
    if file.state is FileState.DUPLICATE:
        return "duplicate"
    return file.reason or (draft.reason if draft is not None else "")


def _twin(request: Request, file: BatchFile) -> str:
    """Where the file with the same bytes is now: the item, its draft, or the batch it waits in."""
    twin = file.duplicate_of
    if not twin:
        return ""
    if request.db.get(Item, twin):
        return str(request.route_path("discovery.item", item_id=twin))
    if request.db.get(Draft, twin):
        return str(request.route_path("digitization.draft", draft_id=twin))
    known = request.db.get(BatchFile, twin)
    return str(request.route_path("digitization.batch", batch_id=known.batch_id)) if known else ""
