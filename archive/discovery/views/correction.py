"""Correcting the text of filed pages, for archivists: the editor, what it fetches and sends, and the older readings.

Whatever is asked, the guard is asked first whether the person may read the item at this moment.
"""

import json
from collections.abc import Sequence
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import func, select

from archive.catalogue.editing import EDITOR_WORDS, edited, lines_shown
from archive.catalogue.models import Item, Page, PageTextVersion, TextOrigin
from archive.catalogue.secrecy import SecrecyWatch, is_above, level_of
from archive.catalogue.service import current_text
from archive.catalogue.texts import TextService
from archive.discovery.access import Access, Records
from archive.platform.accounts.permissions import Permission
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.reading_log import register_reading
from ingest.context import PageText
from ingest.official_document import propose

__all__: list[str] = []

_TEMPLATES = "archive:discovery/templates/"
_WORDS = {"where": _("第 {page} 页，共 {pages} 页"), "image": _("第 {page} 页的图像")}
#: the acts that made a version of a page's text: on the record, and before that in review (a draft's id is its item's)
_CORRECTIONS = (AuditAction.TEXT_CORRECTED, AuditAction.DRAFT_TEXT_CORRECTED)
_ORIGINS = {TextOrigin.MACHINE: _("机器识别"), TextOrigin.HUMAN: _("人工更正")}


@view_config(
    route_name="discovery.correction", permission=Permission.TASK_ACCESS, renderer=_TEMPLATES + "correction.jinja2"
)
def correction(request: Request) -> dict[str, Any]:
    """The page of the editor; words and image come by requests of their own."""
    access, page = _page(request)
    pages = request.db.scalar(select(func.count()).where(Page.item_id == access.item.id))
    words = {name: request.translate(said) for name, said in {**EDITOR_WORDS, **_WORDS}.items()}
    address = request.route_path("discovery.reading", item_id=access.item.id, number=0)
    return {
        "item": access.item,
        "decision": access.decision,
        "data": {"address": address, "first": page.number, "pages": pages, "words": words},
    }


@view_config(route_name="discovery.reading", request_method="GET", permission=Permission.TASK_ACCESS, renderer="json")
def reading(request: Request) -> dict[str, Any]:
    """The words of a page with their places; of an older reading where `version` asks for it."""
    access, page = _page(request)
    parts = request.parts
    register_reading(
        parts.database, parts.clock, request.actor, item_id=access.item.id, page=page.number, decision=access.decision
    )
    wanted = request.GET.get("version", "")
    if not wanted:
        return _shown(request, page, current_text(page))
    older = _version(page, wanted)
    return {**_shown(request, page, PageText.from_json(older.content)), "editable": False, "version": older.version}


@view_config(route_name="discovery.reading", request_method="POST", permission=Permission.TASK_ACCESS, renderer="json")
def correct(request: Request) -> dict[str, Any]:
    """Keep the lines that were sent as a new version, or an older version as the newest."""
    _access, page = _page(request)
    sent = _sent(request)
    if sent.get("act") == "take":
        text = PageText.from_json(_version(page, str(sent.get("version"))).content)
    else:
        text = edited(current_text(page) or PageText(page.width, page.height, (), ""), sent.get("lines"))
    _stop_at_mark(request, page, text)
    TextService(request.db, request.clock, request.actor).correct(page, sent["seen"], text)
    return _shown(request, page, current_text(page))


@view_config(
    route_name="discovery.versions", permission=Permission.TASK_ACCESS, renderer=_TEMPLATES + "versions.jinja2"
)
def versions(request: Request) -> dict[str, Any]:
    """All readings of a page, the newest first: who made each, and when."""
    access, page = _page(request)
    corrections = select(AuditEntry).where(AuditEntry.subject_id == access.item.id, AuditEntry.action.in_(_CORRECTIONS))
    corrections = corrections.order_by(AuditEntry.id)
    told = [entry for entry in request.db.scalars(corrections) if entry.details.get("page") == page.number]
    names = {entry.details.get("version"): entry.actor_name for entry in told if "version" in entry.details}
    reviewed = [entry.actor_name for entry in told if "version" not in entry.details]
    rows = [
        {
            "version": one.version,
            "origin": _ORIGINS[one.origin],
            "who": names.get(one.version) or _by_default(one, reviewed),
            "when": one.created_at,
        }
        for one in reversed(page.texts)
    ]
    return {"versions": rows}


def _by_default(version: PageTextVersion, reviewers: Sequence[str]) -> str:
    """Who made a version without a number in the trail: the machine, or who corrected it last before it was filed."""
    if version.origin is TextOrigin.MACHINE:
        return str(version.content["engine"])
    return reviewers[-1] if reviewers else ""


def _page(request: Request) -> tuple[Access, Page]:
    records = Records(request.db, request.clock, request.identity, request.seat)
    return records.page(request.matchdict["item_id"], int(request.matchdict["number"]))


def _stop_at_mark(request: Request, page: Page, text: PageText) -> None:
    """Close the record if the words reveal a mark of state secrecy; they are not kept. Raises ConflictError."""
    watch, item = request.find_service(SecrecyWatch), request.db.get_one(Item, page.item_id, with_for_update=True)
    level = level_of(propose([text]))
    if not is_above(level, item.secrecy) or watch.is_let_through(page):
        return
    watch.report(page, level)
    request.tm.commit()
    request.tm.begin()
    raise ConflictError(
        _("更正后的文字带有国家秘密标志，这份文件已停止利用，并登记为保密事件。请立即报告安全保密管理员。")
    )


def _shown(request: Request, page: Page, text: PageText | None) -> dict[str, Any]:
    place = {"item_id": page.item_id, "number": page.number}
    whole = {"region": "full", "size": "max", "rotation": "0", "quality": "default", "format": "jpg"}
    newest = max((one.version for one in page.texts), default=0)
    return {
        "page": page.id,
        "number": page.number,
        "seen": newest,
        "version": newest,
        "editable": True,
        "corrected": any(one.origin is TextOrigin.HUMAN for one in page.texts),
        "restorable": False,  # older readings are chosen from their list
        "width": page.width,
        "height": page.height,
        "image": request.route_path("discovery.image", **place, **whole),
        "lines": lines_shown(text),
        "places": [],
        "notes": [],
        "versions": request.route_path("discovery.versions", **place),
    }


def _version(page: Page, wanted: str) -> PageTextVersion:
    found = next((one for one in page.texts if str(one.version) == wanted), None)
    if found is None:
        raise NotFoundError(_("没有这一版文字。"))
    return found


def _sent(request: Request) -> dict[str, Any]:
    try:
        sent = json.loads(request.body)
    except ValueError as error:
        raise InvalidError(_("提交的内容有误。")) from error
    if not isinstance(sent, dict) or not isinstance(sent.get("seen"), int):
        raise InvalidError(_("提交的内容有误。"))
    return sent
