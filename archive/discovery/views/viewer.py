"""The viewer and what it fetches: pieces of pages with the mark burned in, texts, places of hits, and the PDF."""

from typing import Any
from urllib.parse import quote

from pyramid.request import Request
from pyramid.response import FileIter, Response
from pyramid.view import view_config

from archive.catalogue.models import Page
from archive.catalogue.service import current_text
from archive.catalogue.stored_object import ACCESS_PDF
from archive.discovery.access import Access, Records
from archive.discovery.boxes import boxes_of
from archive.discovery.delivery import mark_lines, marked_piece, thumbnail
from archive.discovery.iiif import image_information, offered_size, parse
from archive.discovery.scans import THUMBNAIL, PageSource
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.reading_log import register_reading
from ingest.context import PageText
from search.errors import QuerySyntaxError
from search.highlight import Span, find
from search.query import Everything, Query, parse_query
from storage.errors import NotStoredError

__all__: list[str] = []


@view_config(
    route_name="discovery.viewer", permission=Permission.SEARCH, renderer="archive:discovery/templates/viewer.jinja2"
)
def viewer(request: Request) -> dict[str, Any]:
    """The page of the viewer; pictures and texts come by requests of their own, each asked of the guard again."""
    access = _readable(request)
    text = request.GET.get("q", "").strip()
    pages = [_page_facts(request, page) for page in access.item.pages]
    return {
        "item": access.item,
        "decision": access.decision,
        "may_download": access.may_download,
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
        lines = mark_lines(request.identity, access, request.clock(), request.parts.settings.zone)
        body = marked_piece(request.scans.page(PageSource.of(page), offered[0]), wanted, lines)
    return Response(body=body, content_type="image/jpeg", cache_control="no-store")


@view_config(route_name="discovery.pdf", permission=Permission.SEARCH)
def pdf(request: Request) -> Response:
    """The searchable PDF, for who may take a copy away."""
    access = Records(request.db, request.clock, request.identity, request.seat).downloadable(
        request.matchdict["item_id"]
    )
    try:
        stream = request.parts.repository.open(access.item.id, ACCESS_PDF)
    except NotStoredError as error:
        raise NotFoundError(_("这件档案没有可下载的 PDF。")) from error
    _register(request, access, 0)
    name = quote(f"{access.item.code or access.item.accession}.pdf")
    response = Response(content_type="application/pdf", app_iter=FileIter(stream), cache_control="no-store")
    response.content_disposition = f"attachment; filename*=UTF-8''{name}"
    return response


def _readable(request: Request) -> Access:
    return Records(request.db, request.clock, request.identity, request.seat).readable(request.matchdict["item_id"])


def _page(request: Request) -> tuple[Access, Page]:
    records = Records(request.db, request.clock, request.identity, request.seat)
    access = records.readable(request.matchdict["item_id"])
    return access, records.page(access.item, int(request.matchdict["number"]))


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


def _page_facts(request: Request, page: Page) -> dict[str, Any]:
    text = current_text(page) if request.GET.get("q") else None
    address = {"item_id": page.item_id, "number": page.number}
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "hits": len(_places(request, text)) if text else 0,
        "information": request.route_path("discovery.information", **address),
        "text": request.route_path("discovery.text", **address),
        "thumbnail": request.route_path(
            "discovery.image", **address, region="full", size="!120,160", rotation="0", quality="default", format="jpg"
        ),
    }


def _first(request: Request, pages: list[dict[str, Any]]) -> int:
    """The page to begin with: the one asked for, else the first with a hit."""
    asked = request.GET.get("page", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 7:
        return min(max(1, int(asked)), max(1, len(pages)))
    return next((int(page["number"]) for page in pages if page["hits"]), 1)


def _words(request: Request) -> dict[str, str]:
    """What the viewer says by itself."""
    words = {
        "page": _("第 {page} 页，共 {pages} 页"),
        "hit": _("第 {hit} 处，共 {hits} 处"),
        "none": _("本页没有识别出的文字。"),
        "closed": _("阅览已结束，或暂时无法取得这一页。请刷新页面；如需继续阅览，请重新申请。"),
    }
    return {name: request.translate(text) for name, text in words.items()}
