"""The review page: page image, recognised text, proposed fields; accept or discard, and on to the next."""

import json
import re
from collections.abc import Iterable
from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import FileIter, Response
from pyramid.view import view_config
from sqlalchemy import func, select

from archive.catalogue.editing import EDITOR_WORDS, lines_shown
from archive.catalogue.models import Box, Control, TradeSecrecy
from archive.catalogue.words import NOTE_KINDS, RETENTION
from archive.digitization.correction import CorrectionService, MarkRevealedError, seen_of, text_of
from archive.digitization.errors import FieldsError
from archive.digitization.fields import DraftFields
from archive.digitization.light_table.words import page_notes
from archive.digitization.models import Draft, DraftPage, DraftState, PageState
from archive.digitization.original_notes import TICKS, Noted, notes_of
from archive.digitization.pictures import page_picture
from archive.digitization.proposing import propose_anew
from archive.digitization.quarantine import MarkedPage, quarantine
from archive.digitization.reasons import advice
from archive.digitization.review import DraftService, visible_drafts
from archive.digitization.separators.words import carried
from archive.digitization.views.batches import DRAFT_STATES, known_item
from archive.digitization.views.linked_notes import linked_notes
from archive.platform.accounts.models import Unit
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.scratch import purge_scratch
from archive.platform.secrecy_levels import levels_within
from storage.errors import NotStoredError

_TEMPLATES = "archive:digitization/templates/"

CONTROLS = ((Control.PUBLIC, _("公开")), (Control.INTERNAL, _("内部")), (Control.WORK_SECRET, _("工作秘密")))
SECRECY = {"none": _("无"), "secret": _("秘密"), "confidential": _("机密"), "top_secret": _("绝密")}
TRADE_SECRECIES = (
    (TradeSecrecy.NONE, _("无")),
    (TradeSecrecy.ORDINARY, _("普通商密")),
    (TradeSecrecy.CORE, _("核心商密")),
)
#: what was filed is read through the guard only, what was given up or isolated by nobody
IN_INTAKE = frozenset({DraftState.RECOGNISING, DraftState.READY, DraftState.ACCEPTING})
#: what is read beside the fields of the form
FURTHER = {
    "document_type": _("文种"),
    "secrecy": _("密级"),
    "term": _("保密期限"),
    "urgency": _("紧急程度"),
    "copies_to": _("抄送"),
    "attachments": _("附件"),
    "seal": _("印章"),
    "page_count": _("有内容的页数"),
}
_WORDS = {
    "where": _("第 {page} 页，共 {pages} 页"),
    "image": _("第 {page} 页的图像"),
}
CARRIERS = (("paper", _("有纸质原件")), ("electronic", _("仅有电子文件")))


@view_config(
    route_name="digitization.draft",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "draft.jinja2",
)
def show(request: Request) -> dict[str, Any]:
    """One draft beside its image; one that is filed shows what became of it."""
    draft = _draft(request)
    noted = Noted.of_notes(notes_of(request.db, draft))
    return _page(request, draft, DraftFields.from_json(draft.fields), noted, {})


@view_config(
    route_name="digitization.draft",
    request_method="POST",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "draft.jinja2",
)
def review(request: Request) -> dict[str, Any] | Response:
    """Accept it with these fields, then open the next; errors come back beside the fields.

    Or only keep the fields, and have the others read once more from the corrected text.
    """
    draft, service = _draft(request), request.find_service(DraftService)
    fields = DraftFields.from_form(request.POST)
    noted = Noted.of_form(request.POST.getall("noted"), request.POST.get("note_words", ""))
    if request.POST.get("act") in {"keep", "propose"}:
        service.correct(draft, _revision(request), fields, noted)
        if request.POST["act"] == "propose":
            propose_anew(request.parts, request.db, draft)
        return HTTPSeeOther(request.path)
    try:
        service.accept(draft, _revision(request), fields, request.identity, noted)
    except FieldsError as error:
        request.response.status_int = 422
        return _page(request, draft, fields, noted, error.errors)
    return HTTPSeeOther(_onward(request, draft, {"accepted": draft.id}))


@view_config(route_name="digitization.discard", permission=Permission.DIGITIZE)
def discard(request: Request) -> Response:
    """Give the draft up, then open the next."""
    draft = _draft(request)
    request.find_service(DraftService).discard(draft, _revision(request))
    return HTTPSeeOther(_onward(request, draft, {}))


@view_config(
    route_name="digitization.state",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "draft_state.jinja2",
)
def state(request: Request) -> dict[str, Any]:
    """Whether the draft is filed by now; the page asks again while it is not."""
    return _filed(request, _draft(request))


@view_config(
    route_name="digitization.draft_text", request_method="GET", permission=Permission.DIGITIZE, renderer="json"
)
def text(request: Request) -> dict[str, Any]:
    """The words of a page with their places, and what is to be said of it; only as long as it is in intake."""
    page = _draft_page(request)
    return _page_text(request, _draft(request), page)


@view_config(
    route_name="digitization.draft_text", request_method="POST", permission=Permission.DIGITIZE, renderer="json"
)
def correct_text(request: Request) -> dict[str, Any]:
    """Keep the lines that were sent, or let the machine's reading count again; the answer is the page as it is then."""
    draft, service = _draft(request), request.find_service(CorrectionService)
    sent = _sent(request)
    page_id, seen = str(sent.get("page", "")), str(sent.get("seen", ""))
    try:
        if sent.get("act") == "restore":
            page = service.restore(draft, page_id, seen)
        else:
            page = service.save(draft, page_id, seen, sent.get("lines"))
    except MarkRevealedError as error:
        _isolate(request, error.marked)
        raise ConflictError(
            _("更正后的文字带有国家秘密标志，本批已停止处理并隔离。请立即报告安全保密管理员。")
        ) from error
    return _page_text(request, draft, page)


@view_config(route_name="digitization.image", request_method="GET", permission=Permission.DIGITIZE)
def image(request: Request) -> Response:
    """The page as a picture, upright; only as long as it is in intake."""
    try:
        picture = page_picture(request.parts, _draft_page(request))
    except NotStoredError as error:
        raise HTTPNotFound from error
    return Response(content_type="image/jpeg", app_iter=FileIter(picture))


@view_config(route_name="digitization.thumbnail", request_method="GET", permission=Permission.DIGITIZE)
def thumbnail(request: Request) -> Response:
    """The small picture for the strip of pages."""
    key = _draft_page(request).thumbnail_key
    if not key:
        raise HTTPNotFound
    try:
        return Response(content_type="image/jpeg", app_iter=FileIter(request.parts.store.open(key)))
    except NotStoredError as error:
        raise HTTPNotFound from error


def _draft(request: Request) -> Draft:
    draft: Draft = request.find_service(DraftService).draft(request.matchdict["draft_id"], request.identity)
    return draft


def _draft_page(request: Request) -> DraftPage:
    draft, number = _draft(request), int(request.matchdict["number"])
    page: DraftPage | None = request.db.scalar(
        select(DraftPage).where(DraftPage.draft_id == draft.id, DraftPage.number == number)
    )
    if page is None or draft.state not in IN_INTAKE:
        raise NotFoundError(_("没有这一页，或者它已不在数字化环节。"))
    return page


def _sent(request: Request) -> dict[str, Any]:
    try:
        sent = json.loads(request.body)
    except ValueError as error:
        raise InvalidError(_("提交的内容有误。")) from error
    if not isinstance(sent, dict):
        raise InvalidError(_("提交的内容有误。"))
    return sent


def _isolate(request: Request, marked: MarkedPage) -> None:
    """Do what is done when such a mark is recognised, in transactions of its own."""
    request.tm.abort()
    request.tm.begin()
    quarantine(request.parts, marked)
    purge_scratch(request.parts.settings, marked.batch_id)


def _revision(request: Request) -> int:
    revision = request.POST.get("revision", "")
    if not re.fullmatch(r"[0-9]{1,9}", revision):
        raise InvalidError(_("提交的内容有误。"), field="revision")
    return int(revision)


def _onward(request: Request, draft: Draft, query: dict[str, str]) -> str:
    """The next draft that waits, or the batch."""
    following = request.find_service(DraftService).next_ready(request.identity, draft)
    if following is None:
        return str(request.route_path("digitization.batch", batch_id=draft.batch_id, _query=query))
    return str(request.route_path("digitization.draft", draft_id=following.id, _query=query))


def _page(request: Request, draft: Draft, fields: DraftFields, noted: Noted, errors: dict[str, str]) -> dict[str, Any]:
    state, tone = DRAFT_STATES[draft.state]
    return {
        "draft": draft,
        "fields": fields,
        "errors": {name: request.translate(message) for name, message in errors.items()},
        **_read(draft),
        "left": _left(request, draft),
        "in_intake": draft.state in IN_INTAKE,
        "words": _words(request),
        "notes": list(linked_notes(request, draft.id, draft.findings)),
        "carried": carried(draft.separator),
        "state": state,
        "tone": tone,
        "editable": draft.state is DraftState.READY,
        "advice": advice(draft.reason) if draft.reason else "",
        "filed": _filed(request, draft),
        "just_accepted": _just_accepted(request),
        "units": [(unit.id, unit.name) for unit in request.db.scalars(select(Unit).order_by(Unit.code))],
        "retentions": _options(request, RETENTION.items()),
        "controls": _options(request, CONTROLS),
        "secrecies": _options(request, _secrecies(request)),
        "trade_secrecies": _options(request, TRADE_SECRECIES),
        "ticks": [(kind.value, NOTE_KINDS[kind], kind in noted.kinds) for kind in TICKS],
        "note_words": noted.words,
        "carriers": _options(request, CARRIERS),
        "boxes": _boxes(request, draft),
    }


def _secrecies(request: Request) -> list[tuple[str, str]]:
    """The levels of state secrecy that the archive is fit for; nothing to choose where there is none."""
    levels = levels_within(request.parts.settings.max_secrecy)
    return [(level, SECRECY[level]) for level in ("none", *levels)] if levels else []


def _read(draft: Draft) -> dict[str, Any]:
    """What was read of the fields of the form, what follows from earlier corrections, and what has no field."""
    read = {one["field"]: one for one in reversed(draft.proposals) if "rule" not in one}
    learnt = {one["field"]: one for one in draft.proposals if "rule" in one}
    further = [(label, read[name]) for name, label in FURTHER.items() if name in read]
    pages = {name: one["page"] for name, one in read.items() if one["page"] and one["line"] is not None}
    return {"read": read, "learnt": learnt, "further": further, "pages_of": pages}


def _page_text(request: Request, draft: Draft, page: DraftPage) -> dict[str, Any]:
    """All that the review page needs of one page."""
    text = text_of(page)
    place = {"draft_id": draft.id, "number": page.number}
    at_table = {"_query": {"page": page.id}, "_anchor": f"p-{page.id}"}
    shown = page.state is not PageState.FAILED and page.width
    return {
        "page": page.id,
        "number": page.number,
        "seen": seen_of(page),
        "editable": draft.state is DraftState.READY and page.state is PageState.DONE and text is not None,
        "corrected": bool(page.corrected),
        "restorable": bool(page.corrected),
        "width": page.width,
        "height": page.height,
        "image": request.route_path("digitization.image", **place, _query={"turn": page.rotation}) if shown else "",
        "lines": lines_shown(text),
        "places": _places(draft, page, len(text.lines) if text else 0),
        "notes": [
            {"text": request.translate(note.message, **note.facts), "tone": note.tone} for note in page_notes(page)
        ],
        "table": request.route_path("digitization.light_table", batch_id=draft.batch_id, **at_table),
    }


def _places(draft: Draft, page: DraftPage, count: int) -> list[dict[str, Any]]:
    """For each field that was read from this page, its lines."""
    return [
        {"field": one["field"], "lines": list(range(one["line"], min(count, one["line"] + one["lines"])))}
        for one in draft.proposals
        if one["page"] == page.number and one["line"] is not None
    ]


def _words(request: Request) -> dict[str, str]:
    """What the review page says by itself."""
    return {name: request.translate(words) for name, words in {**EDITOR_WORDS, **_WORDS}.items()}


def _options(request: Request, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(value, request.translate(label)) for value, label in pairs]


def _boxes(request: Request, draft: Draft) -> list[tuple[str, str]]:
    wanted = select(Box).where(Box.fonds_id == draft.batch.fonds_id).order_by(Box.year.desc(), Box.unit_id, Box.number)
    boxes = [(box.id, box.label) for box in request.db.scalars(wanted)]
    return [*_options(request, [("", _("自动选盒"))]), *boxes]


def _filed(request: Request, draft: Draft) -> dict[str, Any]:
    state, tone = DRAFT_STATES[draft.state]
    item = known_item(request, draft)
    return {"draft": draft, "item": item, "waiting": draft.state is DraftState.ACCEPTING, "state": state, "tone": tone}


def _left(request: Request, draft: Draft) -> int:
    """How many drafts of the batch wait for review, this one too."""
    mine = visible_drafts(request.identity).where(Draft.batch_id == draft.batch_id, Draft.state == DraftState.READY)
    return int(request.db.scalar(select(func.count()).select_from(mine.subquery())))


def _just_accepted(request: Request) -> dict[str, Any] | None:
    """The draft that was accepted on the page before."""
    draft_id = request.params.get("accepted", "")
    if not draft_id:
        return None
    return _filed(request, request.find_service(DraftService).draft(draft_id, request.identity))
