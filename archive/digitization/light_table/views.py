"""The light table's page: what lies on it, what a person does with it, and the pictures of its pages."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import FileIter, Response
from pyramid.view import view_config
from sqlalchemy import select

from archive.digitization.intake import StagedFile, local_copy, stage
from archive.digitization.light_table.board import TRAY, board_of, items_of, screen_of, titles_of
from archive.digitization.light_table.rows import Place
from archive.digitization.light_table.service import LightTableService
from archive.digitization.light_table.words import marks, notes, page_notes
from archive.digitization.media_types import media_type
from archive.digitization.models import RECOVERABLE, Batch, BatchState, Draft, DraftPage, DraftState, PageRole
from archive.digitization.pictures import page_picture
from archive.digitization.reasons import advice
from archive.digitization.review import visible_batches
from archive.digitization.service import IntakeService
from archive.digitization.views.batches import DRAFT_STATES
from archive.digitization.views.linked_notes import linked_notes
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import DangguiError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.paging import page_number
from archive.platform.parts import Parts
from ingest.errors import UnreadableSourceError
from ingest.sources import open_source
from storage.errors import NotStoredError

_TEMPLATES = "archive:digitization/light_table/templates/"
#: no item has more pages
_MOST = 1_000_000
#: what is filed is shown by the viewer only, what was isolated to nobody
_SHOWN = (DraftState.RECOGNISING, DraftState.READY, DraftState.ACCEPTING)


@dataclass(frozen=True, slots=True)
class _Asked:
    """An act as it was sent; texts are empty, and lists too, where it does not need them."""

    act: str
    seen: dict[str, int]
    pages: list[str]
    places: list[Place]
    draft: str
    before: str
    number: int
    turn: int


@view_config(
    route_name="digitization.light_table",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "light_table.jinja2",
)
@view_config(
    route_name="digitization.board",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "board.jinja2",
)
def show(request: Request) -> dict[str, Any]:
    """One screen of the table: `screen` says which, or `page` a page that is on it."""
    batch = _batch(request)
    wanted = request.GET.get("page", "")
    screen = screen_of(request.db, batch, wanted) if wanted else page_number(request.GET.get("screen", ""))
    return _board(request, batch, screen, None)


@view_config(
    route_name="digitization.light_table",
    request_method="POST",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "board.jinja2",
)
def act(request: Request) -> dict[str, Any]:
    """Do what is asked; the answer is the screen as it is then, with what undoes it."""
    batch, asked = _batch(request), _asked(request)
    perform = _ACTS.get(asked.act)
    if perform is None:
        raise _wrong()
    undo = perform(request.find_service(LightTableService), batch, asked)
    return _after(request, batch, undo)


@view_config(
    route_name="digitization.replace",
    request_method="POST",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "board.jinja2",
)
def replace(request: Request) -> dict[str, Any]:
    """Put a file of one page in the place of a page, or behind it."""
    batch_id, file = _batch(request).id, request.POST.get("file")
    if not getattr(file, "filename", ""):
        raise InvalidError(_("请先选择扫描件，再上传。"), field="file")
    # The right to write is given back while bytes go to the store: that may take long.
    request.tm.commit()
    request.tm.begin()
    staged, kind = _staged(request, batch_id, file)
    batch = _batch(request)
    page, seen = request.POST.get("page", ""), _seen(_json(request.POST.get("seen", "")))
    service = request.find_service(LightTableService)
    try:
        added = request.find_service(IntakeService).add_file(batch, staged)
        added.media_type = kind
        places = service.insert(batch, seen, added, page, replace=request.POST.get("act") == "replace")
    except DangguiError:  # nothing is added, so nobody would know of these bytes
        request.parts.store.delete(staged.key)
        raise
    return _after(request, batch, _places(places))


@view_config(
    route_name="digitization.table_items", request_method="GET", permission=Permission.DIGITIZE, renderer="json"
)
def items(request: Request) -> list[dict[str, Any]]:
    """All open items, for choosing where pages go."""
    batch = _batch(request)
    titles = titles_of(request.db, batch)
    return [
        {
            "id": item.id,
            "number": item.ordinal,
            "title": titles.get(item.id, item.name),
            "seen": item.arrangement,
            "pages": item.pages,
        }
        for item in items_of(request.db, batch)
    ]


@view_config(route_name="digitization.page_image", request_method="GET", permission=Permission.DIGITIZE)
def image(request: Request) -> Response:
    """A page as a picture, upright."""
    try:
        picture = page_picture(request.parts, _page(request))
    except (NotStoredError, UnreadableSourceError) as error:
        raise HTTPNotFound from error
    return Response(content_type="image/jpeg", app_iter=FileIter(picture))


@view_config(route_name="digitization.page_thumbnail", request_method="GET", permission=Permission.DIGITIZE)
def thumbnail(request: Request) -> Response:
    """The small picture of a page."""
    key = _page(request).thumbnail_key
    if not key:
        raise HTTPNotFound
    try:
        return Response(content_type="image/jpeg", app_iter=FileIter(request.parts.store.open(key)))
    except NotStoredError as error:
        raise HTTPNotFound from error


# --- acts: what undoes one is an act, too


def _places(places: list[Place]) -> dict[str, Any]:
    return {"act": "put_back", "places": [asdict(place) for place in places]}


def _move(service: LightTableService, batch: Batch, asked: _Asked) -> dict[str, Any]:
    before = asked.before or service.page_at(asked.draft, asked.number)
    return _places(service.move(batch, asked.seen, asked.pages, asked.draft, before or None))


def _rotate(service: LightTableService, batch: Batch, asked: _Asked) -> dict[str, Any]:
    service.rotate(batch, asked.seen, asked.pages, asked.turn)
    return {"act": "rotate", "pages": asked.pages, "turn": 360 - asked.turn}


def _remove(service: LightTableService, batch: Batch, asked: _Asked) -> dict[str, Any]:
    return _places(service.remove(batch, asked.seen, asked.pages))


def _restore(service: LightTableService, batch: Batch, asked: _Asked) -> dict[str, Any]:
    service.restore(batch, asked.pages)
    return {"act": "remove", "pages": asked.pages}


def _discard(service: LightTableService, batch: Batch, asked: _Asked) -> dict[str, Any]:
    service.discard(batch, asked.seen, asked.draft)
    return {"act": "restore_draft", "draft": asked.draft}


def _restore_draft(service: LightTableService, batch: Batch, asked: _Asked) -> dict[str, Any]:
    service.restore_draft(batch, asked.draft)
    return {"act": "discard", "draft": asked.draft}


_ACTS: dict[str, Callable[[LightTableService, Batch, _Asked], dict[str, Any]]] = {
    "move": _move,
    "gather": lambda table, batch, it: _places(table.gather(batch, it.seen, it.pages, it.draft or None)),
    "split": lambda table, batch, it: _places(table.split(batch, it.seen, it.before)),
    "merge": lambda table, batch, it: _places(table.merge(batch, it.seen, it.draft, it.before)),
    "separate": lambda table, batch, it: _places(table.separate(batch, it.seen, it.before)),
    "put_back": lambda table, batch, it: _places(table.put_back(batch, it.seen, it.places)),
    "rotate": _rotate,
    "remove": _remove,
    "restore": _restore,
    "discard": _discard,
    "restore_draft": _restore_draft,
}


# --- what was sent


def _asked(request: Request) -> _Asked:
    sent = _json(request.body.decode("utf-8", "replace"))
    texts = {name: sent.get(name, "") for name in ("act", "draft", "before")}
    numbers = {name: sent.get(name, 0) for name in ("number", "turn")}
    pages, places = sent.get("pages", []), sent.get("places", [])
    if not isinstance(pages, list) or not isinstance(places, list):
        raise _wrong()
    if not all(isinstance(text, str) for text in [*texts.values(), *pages]):
        raise _wrong()
    if not all(isinstance(number, int) and abs(number) <= _MOST for number in numbers.values()):
        raise _wrong()
    found = [_place(place) for place in places]
    return _Asked(**texts, **numbers, seen=_seen(sent.get("seen", {})), pages=list(dict.fromkeys(pages)), places=found)


def _json(text: str) -> dict[str, Any]:
    try:
        sent = json.loads(text)
    except ValueError as error:
        raise _wrong() from error
    if not isinstance(sent, dict):
        raise _wrong()
    return sent


def _seen(sent: Any) -> dict[str, int]:
    if not isinstance(sent, dict) or not all(isinstance(number, int) for number in sent.values()):
        raise _wrong()
    return sent


def _place(sent: Any) -> Place:
    try:
        place = Place(str(sent["page"]), PageRole(sent["role"]), sent["draft"], sent["number"])
    except (TypeError, KeyError, ValueError) as error:
        raise _wrong() from error
    whole = isinstance(place.draft, str) and isinstance(place.number, int) and 0 < place.number <= _MOST
    if not whole and (place.draft is not None or place.number is not None):
        raise _wrong()
    return place


def _wrong() -> InvalidError:
    return InvalidError(_("提交的内容有误。"))


def _staged(request: Request, batch_id: str, file: Any) -> tuple[StagedFile, str]:
    """The file in intake, and its media type. Raises InvalidError unless it has one page."""
    parts = request.parts
    staged = stage(parts.store, batch_id, file.file, file.filename.replace("\\", "/").rpartition("/")[2])
    try:
        return staged, _kind_of_one_page(parts, staged)
    except InvalidError:
        parts.store.delete(staged.key)
        raise


def _kind_of_one_page(parts: Parts, staged: StagedFile) -> str:
    if not staged.size:
        raise InvalidError(advice("empty"), field="file")
    try:
        with local_copy(parts, staged.key) as path, open_source(path, staged.name) as source:
            count, kind = source.page_count, media_type(path)
    except UnreadableSourceError as error:
        raise InvalidError(advice(error.reason), field="file") from error
    if count != 1:
        raise InvalidError(_("请选择只有一页的文件；这个文件有 {n} 页。"), field="file", n=count)
    return kind


# --- what is shown


def _batch(request: Request) -> Batch:
    wanted = visible_batches(request.identity).where(Batch.id == request.matchdict["batch_id"])
    batch: Batch | None = request.db.scalar(wanted)
    if batch is None:
        raise NotFoundError(_("没有这个批次。"))
    return batch


def _page(request: Request) -> DraftPage:
    """A page that may still become part of an item, or be put back."""
    batch = _batch(request)
    page: DraftPage | None = request.db.get(DraftPage, request.matchdict["page_id"])
    known = page is not None and page.batch_id == batch.id
    if page is None or not known or not _is_shown(batch, page, request):
        raise NotFoundError(_("没有这一页，或者它已不在数字化环节。"))
    return page


def _is_shown(batch: Batch, page: DraftPage, request: Request) -> bool:
    if batch.state in (BatchState.CANCELLED, BatchState.QUARANTINED):
        return False
    over = request.clock() - RECOVERABLE
    if page.draft is None:
        return page.removed_at is None or page.removed_at > over
    given_up = page.draft.state is DraftState.DISCARDED and page.draft.discarded_at is not None
    return page.draft.state in _SHOWN or (given_up and page.draft.discarded_at > over)


def _after(request: Request, batch: Batch, undo: dict[str, Any]) -> dict[str, Any]:
    """The screen after an act, and what undoes it: it names the drafts as they are now."""
    request.db.flush()
    # Rows were changed past the objects that are loaded.
    request.db.expire_all()
    pages = [*undo.get("pages", ()), *(place["page"] for place in undo.get("places", ()))]
    held = select(DraftPage.draft_id).where(DraftPage.id.in_(pages), DraftPage.draft_id.is_not(None))
    named = {undo.get("draft", ""), *(place["draft"] for place in undo.get("places", ())), *request.db.scalars(held)}
    drafts = select(Draft.id, Draft.arrangement).where(Draft.batch_id == batch.id, Draft.id.in_(named - {"", None}))
    undo["seen"] = dict(request.db.execute(drafts).all())
    return _board(request, batch, page_number(request.GET.get("screen", "")), undo)


def _board(request: Request, batch: Batch, screen: int, undo: dict[str, Any] | None) -> dict[str, Any]:
    tray = page_number(request.GET.get("tray", ""))
    board = board_of(request.db, batch, screen, tray, request.clock())
    states = {state: (request.translate(words), tone) for state, (words, tone) in DRAFT_STATES.items()}
    days = RECOVERABLE.days

    def address(number: int, of_tray: int = 1) -> str:
        query = {"screen": number} | ({"tray": of_tray} if of_tray > 1 else {})
        return str(request.route_path("digitization.light_table", batch_id=batch.id, _query=query))

    return {
        "batch": batch,
        "board": board,
        "tray": tray,
        "tray_size": TRAY,
        "undo": undo,
        "states": states,
        "marks": marks,
        "doubts": notes,
        "notes": lambda row: linked_notes(request, row.item.id, row.findings),
        "page_notes": page_notes,
        "days_left": lambda since: days - (request.clock() - since).days,
        "closed": batch.state in (BatchState.CANCELLED, BatchState.QUARANTINED),
        "url": address,
    }
