"""Printing separator sheets: choose what they carry, download them, see which sets were made."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import func, select

from archive.digitization.separators.boxes import box_of_label
from archive.digitization.separators.models import SeparatorSet
from archive.digitization.separators.printing import print_sheets
from archive.digitization.separators.sets import MOST, SeparatorSetService, visible_sets
from archive.digitization.separators.words import CARRIES
from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import InvalidError
from archive.platform.i18n import _
from archive.platform.paging import page_number

_TEMPLATE = "archive:digitization/separators/templates/separators.jinja2"
_PAGE = 20
_USUAL = "20"


@view_config(
    route_name="digitization.separators", request_method="GET", permission=Permission.DIGITIZE, renderer=_TEMPLATE
)
def separators(request: Request) -> dict[str, Any]:
    """The form for a new set, and the sets that were made."""
    return _page(request, {"carries": "plain", "count": _USUAL, "lines": ""}, {})


@view_config(
    route_name="digitization.separators", request_method="POST", permission=Permission.DIGITIZE, renderer=_TEMPLATE
)
def make(request: Request) -> dict[str, Any] | Response:
    """Make a set; errors come back beside the fields."""
    form = {name: request.POST.get(name, "").strip() for name in ("carries", "count", "lines")}
    try:
        carried = _carried(request, form)
        made = request.find_service(SeparatorSetService).make(request.identity, carried)
    except InvalidError as error:
        request.response.status_int = 422
        return _page(request, form, {error.field: request.translate(error.message, **error.facts)})
    return HTTPSeeOther(request.route_path("digitization.separators", _query={"made": made.id}))


@view_config(route_name="digitization.separator_set", request_method="GET", permission=Permission.DIGITIZE)
def print_set(request: Request) -> Response:
    """The sheets of a set as a PDF."""
    service = request.find_service(SeparatorSetService)
    made, sheets = service.sheets(request.matchdict["set_id"], request.identity)
    at = made.made_at.astimezone(request.parts.settings.zone)
    words = {
        "title": request.translate(_("分隔页 {mark}"), mark=made.mark),
        "heading": request.translate(_("分隔页")),
        "warning": request.translate(_("请勿归档")),
        "advice": request.translate(_("放在每件的最前面，与文件一起扫描。按原尺寸（100%）单面打印。")),
        "made": f"{made.mark} · {at:%Y-%m-%d} · {request.db.get_one(Person, made.made_by).name}",
    }
    labels = {kind: request.translate(word) for kind, word in CARRIES.items()}
    answer = Response(print_sheets(sheets, words, labels, made.made_at), content_type="application/pdf")
    answer.content_disposition = f'attachment; filename="separators-{made.mark}.pdf"'
    return answer


def _carried(request: Request, form: dict[str, str]) -> list[tuple[str, str]]:
    """What each sheet carries. Raises InvalidError."""
    kind = form["carries"]
    if kind not in CARRIES:
        raise InvalidError(_("请选择分隔页上写什么。"), field="carries")
    if kind == "plain":
        if not (form["count"].isdecimal() and 1 <= int(form["count"]) <= MOST):
            raise InvalidError(_("请填写张数，1 到 {most}。"), field="count", most=MOST)
        return [("plain", "")] * int(form["count"])
    lines = [" ".join(line.split()) for line in form["lines"].splitlines() if line.strip()]
    if not lines:
        raise InvalidError(_("请填写内容，每行一张。"), field="lines")
    if kind == "box":
        _check_boxes(request, lines)
    return [(kind, line) for line in lines]


def _check_boxes(request: Request, labels: list[str]) -> None:
    """A sheet for a box that is not there would lead nowhere. Raises InvalidError."""
    unknown = [label for label in dict.fromkeys(labels) if box_of_label(request.db, label) is None]
    if unknown:
        raise InvalidError(
            _("没有这些档案盒：{labels}。请核对盒签，或先建立档案盒。"), field="lines", labels="、".join(unknown[:5])
        )


def _page(request: Request, form: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    mine, page = visible_sets(request.identity), page_number(request.params.get("page", ""))
    total = request.db.scalar(select(func.count()).select_from(mine.subquery())) or 0
    shown = mine.add_columns(Person.name).join(Person, SeparatorSet.made_by == Person.id)
    shown = shown.order_by(SeparatorSet.id.desc()).limit(_PAGE).offset((page - 1) * _PAGE)
    made = request.db.scalar(mine.where(SeparatorSet.id == request.params.get("made", "")))
    return {
        **form,
        "errors": errors,
        "made": None if errors else made,
        "most": MOST,
        "kinds": [(kind, request.translate(word)) for kind, word in CARRIES.items()],
        "words": CARRIES,
        "sets": [(one, name, one.carried[0]) for one, name in request.db.execute(shown)],
        "page": page,
        "total": total,
        "url": lambda number: request.route_path("digitization.separators", _query={"page": number}),
    }
