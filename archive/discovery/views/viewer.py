"""The viewer and what it fetches: pieces of pages with the mark burned in, texts, places of hits, and the PDF."""

import tempfile
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from pyramid.request import Request
from pyramid.response import FileIter, Response
from pyramid.view import view_config

from archive.catalogue.models import Page
from archive.catalogue.scans import THUMBNAIL, PageSource
from archive.catalogue.service import current_text
from archive.discovery.access import Access, Records
from archive.discovery.boxes import boxes_of
from archive.discovery.delivery import mark_lines, marked_piece, thumbnail, unseen_name
from archive.discovery.iiif import image_information, offered_size, parse
from archive.discovery.marked_pdf import marked_pdf
from archive.platform.accounts.permissions import Permission
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.errors import InvalidError, NotFoundError
from archive.platform.guard import Decision, Reason
from archive.platform.i18n import _
from archive.platform.page_ranges import written
from archive.platform.reading_log import register_reading
from ingest.context import PageText
from search.errors import QuerySyntaxError
from search.highlight import Span, find
from search.query import Everything, Query, parse_query

__all__: list[str] = []

#: bytes of a copy that are kept in memory before they go to a file without a name
_COPY_IN_MEMORY = 16 * 1024**2
_NOT_APPROVED = _("您没有获准阅览这一页。如需阅览，请另行申请。")
_NOT_HERE = _("这一页批准在阅览室阅览。请到阅览室，在登记的座位上登录后打开。")


@view_config(
    route_name="discovery.viewer", permission=Permission.SEARCH, renderer="archive:discovery/templates/viewer.jinja2"
)
def viewer(request: Request) -> dict[str, Any]:
    """The page of the viewer; pictures and texts come by requests of their own, each asked of the guard again."""
    opened = _records(request).opened(request.matchdict["item_id"])
    text = request.GET.get("q", "").strip()
    pages = [_page_facts(request, page, opened.pages[page.number]) for page in opened.item.pages]
    shut = [page["number"] for page in pages if page["closed"]]
    return {
        "item": opened.item,
        "decision": opened.decision,
        "may_download": opened.may_download,
        "open_pages": written(page["number"] for page in pages if not page["closed"]) if shut else "",
        "query_text": text,
        "hits": sum(page["hits"] for page in pages),
        "data": {"pages": pages, "first": _first(request, pages), "words": _words(request)},
    }


@view_config(route_name="discovery.text", permission=Permission.SEARCH, renderer="json")
def page_text(request: Request) -> dict[str, Any]:
    """The text of a page line by line, with the hits of `q` as offsets and as boxes in pixels of the page."""
    access, page = _page(request)
    _register(request, access, page.number)
    text = current_text(page)
    if text is None:
        return {"page": page.number, "width": page.width, "height": page.height, "lines": [], "hits": []}
    spans = _places(request, text)
    hits = [{"start": span.start, "end": span.end, "boxes": boxes_of(text, span.start, span.end)} for span in spans]
    lines = [line.text for line in text.lines]
    return {"page": page.number, "width": text.width, "height": text.height, "lines": lines, "hits": hits}


@view_config(route_name="discovery.information", permission=Permission.SEARCH, renderer="json")
def information(request: Request) -> dict[str, Any]:
    """The info.json of a page, at the size this reader is offered."""
    access, page = _page(request)
    address = request.route_url("discovery.information", item_id=access.item.id, number=page.number)
    return image_information(address.removesuffix("/info.json"), *_offered(access, page))


@view_config(route_name="discovery.image", permission=Permission.SEARCH)
def image(request: Request) -> Response:
    """A piece of a page, marked and registered; only a picture too small to be read goes without."""
    access, page = _page(request)
    parts = request.matchdict
    if parts["quality"] not in {"default", "color"} or parts["format"] != "jpg":
        raise InvalidError(_("图像只提供彩色 JPEG 格式。"))
    offered = _offered(access, page)
    wanted = parse(parts["region"], parts["size"], parts["rotation"], offered)
    if wanted.is_thumbnail(offered, THUMBNAIL):
        body = thumbnail(request.scans.thumbnail(PageSource.of(page), offered[0]), wanted)
    else:
        _register(request, access, page.number)
        now = request.clock()
        lines = mark_lines(request.identity, access, now, request.parts.settings.zone)
        name = unseen_name(request.identity, access, now)
        body = marked_piece(request.scans.page(PageSource.of(page), offered[0]), wanted, lines, name)
    return Response(body=body, content_type="image/jpeg", cache_control="no-store")


@view_config(route_name="discovery.pdf", permission=Permission.SEARCH)
def pdf(request: Request) -> Response:
    """The pages he may take away, as a searchable PDF with the mark on each; registered every time."""
    access, pages = _records(request).taken(request.matchdict["item_id"])
    if not pages:
        raise NotFoundError(_("这件档案没有可下载的 PDF。"))
    now = request.clock()
    lines = mark_lines(request.identity, access, now, request.parts.settings.zone)
    unseen = unseen_name(request.identity, access, now)
    copy = tempfile.SpooledTemporaryFile(_COPY_IN_MEMORY, dir=request.parts.settings.folder)  # noqa: SIM115 - sent later
    marked_pdf(pages, request.scans, lines, unseen, cast("BinaryIO", copy), access.item.title)
    _register_download(request, access, [page.number for page in pages])
    copy.seek(0)
    name = quote(f"{access.item.code or access.item.accession}.pdf")
    response = Response(content_type="application/pdf", app_iter=FileIter(copy), cache_control="no-store")
    response.content_disposition = f"attachment; filename*=UTF-8''{name}"
    return response


def _records(request: Request) -> Records:
    return Records(request.db, request.clock, request.identity, request.seat)


def _page(request: Request) -> tuple[Access, Page]:
    return _records(request).page(request.matchdict["item_id"], int(request.matchdict["number"]))


def _register_download(request: Request, access: Access, numbers: list[int]) -> None:
    grant = access.decision.grant
    with request.parts.database.writing() as session:
        record(
            session,
            request.clock,
            request.actor,
            AuditAction.ITEM_DOWNLOADED,
            "item",
            access.item.id,
            pages=written(numbers),
            reason=access.decision.reason,
            grant=grant.id if grant else None,
            number=grant.number if grant else None,
        )


def _register(request: Request, access: Access, number: int) -> None:
    parts = request.parts
    register_reading(
        parts.database, parts.clock, request.actor, item_id=access.item.id, page=number, decision=access.decision
    )


def _offered(access: Access, page: Page) -> tuple[int, int]:
    return offered_size(page.width, page.height, view_only=not access.may_download)


def _query(text: str) -> Query:
    """A query that cannot be understood highlights nothing; the search page is where it is explained."""
    try:
        return parse_query(text)
    except QuerySyntaxError:
        return Everything()


def _places(request: Request, text: PageText) -> list[Span]:
    """The places of `q`; `near` says that the search found it only approximately."""
    return find(text.text, _query(request.GET.get("q", "")), approximate="near" in request.GET)


def _page_facts(request: Request, page: Page, decision: Decision) -> dict[str, Any]:
    """What the viewer is told of a page; of a closed one its number, its shape, and why it is closed."""
    facts = {"number": page.number, "width": page.width, "height": page.height, "hits": 0, "closed": ""}
    if not decision.allowed:
        return facts | {"closed": request.translate(_NOT_HERE if decision.reason is Reason.NOT_HERE else _NOT_APPROVED)}
    text = current_text(page) if request.GET.get("q") else None
    address = {"item_id": page.item_id, "number": page.number}
    small = {"region": "full", "size": "!120,160", "rotation": "0", "quality": "default", "format": "jpg"}
    return facts | {
        "hits": len(_places(request, text)) if text else 0,
        "information": request.route_path("discovery.information", **address),
        "text": request.route_path("discovery.text", **address),
        "thumbnail": request.route_path("discovery.image", **address, **small),
    }


def _first(request: Request, pages: list[dict[str, Any]]) -> int:
    """The page to begin with: the one asked for, else the first with a hit, else the first that is open."""
    asked = request.GET.get("page", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 7:
        return min(max(1, int(asked)), max(1, len(pages)))
    still_open = (int(page["number"]) for page in pages if not page["closed"])
    return next((int(page["number"]) for page in pages if page["hits"]), next(still_open, 1))


def _words(request: Request) -> dict[str, str]:
    """What the viewer says by itself."""
    words = {
        "page": _("第 {page} 页，共 {pages} 页"),
        "hit": _("第 {hit} 处，共 {hits} 处"),
        "none": _("本页没有识别出的文字。"),
        "shut": _("未开放"),
        "closed": _("阅览已结束，或暂时无法取得这一页。请刷新页面；如需继续阅览，请重新申请。"),
    }
    return {name: request.translate(text) for name, text in words.items()}
