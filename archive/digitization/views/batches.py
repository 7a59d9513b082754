"""Batches: the list with the upload form, one batch with its live progress."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import func, select

from archive.catalogue.models import Item
from archive.catalogue.service import facts
from archive.digitization.light_table.words import notes
from archive.digitization.lines import SIZE, DraftLine, draft_lines, file_lines, first_ready
from archive.digitization.models import Batch, BatchSource, BatchState, Draft, DraftState, FileState
from archive.digitization.progress import progress_of
from archive.digitization.reasons import advice
from archive.digitization.retry import RetryService, retryable
from archive.digitization.review import visible_batches
from archive.digitization.secrecy.service import SecrecyService
from archive.digitization.upload.form import upload_form
from archive.digitization.views.linked_notes import linked_notes
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
    FileState.OPENED: (_("识别中"), "blue"),
    FileState.DUPLICATE: (_("重复"), "amber"),
    FileState.REFUSED: (_("未收入"), "red"),
}
#: what people did to a batch, or a mark of secrecy
BATCH_STATES = {
    BatchState.PAUSED: (_("已暂停"), "amber"),
    BatchState.CANCELLED: (_("已取消"), "neutral"),
    BatchState.QUARANTINED: (_("已隔离"), "red"),
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
        "batch_states": BATCH_STATES,
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
def batch(request: Request) -> dict[str, Any]:
    """One batch: how far it is, what became of each file, and what to do."""
    found = _batch(request)
    incident = request.find_service(SecrecyService).of_batch(found)
    return {**_progress(request, found), **_lines(request, found), "sources": SOURCES, "incident": incident}


@view_config(
    route_name="digitization.progress",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "batch_progress.jinja2",
)
def progress(request: Request) -> dict[str, Any]:
    """The counts alone; the page asks again while something happens."""
    return _progress(request, _batch(request))


@view_config(
    route_name="digitization.rows",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "batch_rows.jinja2",
)
def rows(request: Request) -> dict[str, Any]:
    """The lines alone."""
    found = _batch(request)
    return {**_lines(request, found), "progress": progress_of(request.db, found, request.clock())}


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


def _progress(request: Request, batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch,
        "progress": progress_of(request.db, batch, request.clock()),
        "first_ready": first_ready(request.db, batch),
        "retryable": retryable(request.db, batch),
    }


def _lines(request: Request, batch: Batch) -> dict[str, Any]:
    page, files_page = (page_number(request.GET.get(name, "")) for name in ("page", "files"))
    total, drafts = draft_lines(request.db, batch, page)
    guard = Guard(request.db, request.clock)

    def known(line: DraftLine) -> Item | None:
        """The item a draft became, if this person may know of it."""
        item = line.item
        return item if item and guard.decide(request.identity, facts(item), Act.KNOW).allowed else None

    def address(**query: int) -> str:
        shown = {name: number for name, number in {"page": page, "files": files_page, **query}.items() if number > 1}
        return str(request.route_path("digitization.batch", batch_id=batch.id, _query=shown))

    return {
        "batch": batch,
        "files": file_lines(request.db, batch, files_page),
        "drafts": [(line, known(line)) for line in drafts],
        "total": total,
        "page": page,
        "files_page": files_page,
        "size": SIZE,
        "items_url": lambda number: address(page=number),
        "files_url": lambda number: address(files=number),
        "doubts": notes,
        "notes": lambda draft: linked_notes(request, draft.id, draft.findings),
        "file_states": FILE_STATES,
        "draft_states": DRAFT_STATES,
        "advice_for": advice,
    }
