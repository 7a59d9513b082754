"""The monthly list 业务查看: as a page, for spreadsheet programs, and to print; the director marks it seen."""

from pathlib import Path
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.queries import BorrowingQueries
from archive.borrowing.task_list import TaskLists, TaskReading, month_of
from archive.catalogue.models import Item
from archive.platform.accounts.permissions import Permission
from archive.platform.i18n import _
from archive.platform.printing import print_pdf
from archive.platform.spreadsheets import as_xlsx

__all__: list[str] = []

_TEMPLATES = "archive:borrowing/templates"
_PRINTED = Path(__file__).parents[1] / "templates" / "task_list.typ"
_HEAD = (_("档案员"), _("时间"), _("许可号"), _("档号"), _("题名"), _("业务工作"), _("查看的页"))
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@view_config(route_name="tasks.list", permission=Permission.OVERSEE, renderer=f"{_TEMPLATES}/task_lists.jinja2")
def lists(request: Request) -> dict[str, Any]:
    """The lists of all months, and the month that runs."""
    return {"lists": _tasks(request).lists(), "now": month_of(request.clock(), request.parts.settings.zone)}


@view_config(
    route_name="tasks.month",
    request_method="GET",
    permission=Permission.OVERSEE,
    renderer=f"{_TEMPLATES}/task_month.jinja2",
)
def month(request: Request) -> dict[str, Any]:
    """One month."""
    wanted, tasks = request.matchdict["month"], _tasks(request)
    return {
        "month": wanted,
        "rows": tasks.readings(wanted),
        "told": tasks.told(wanted),
        "title": lambda item: _title(request, item),
    }


@view_config(route_name="tasks.month", request_method="POST", permission=Permission.OVERSEE)
def seen(request: Request) -> Response:
    """Note that the director saw it."""
    _tasks(request).mark_seen(request.matchdict["month"], request.identity)
    return HTTPSeeOther(request.route_path("tasks.month", month=request.matchdict["month"]))


@view_config(route_name="tasks.export", permission=Permission.OVERSEE)
def export(request: Request) -> Response:
    """The same list for a spreadsheet program, or to print."""
    wanted = request.matchdict["month"]
    rows = [_line(request, one) for one in _tasks(request).readings(wanted)]
    if request.matchdict["format"] == "xlsx":
        head = [request.translate(word) for word in _HEAD]
        body, kind = as_xlsx([head, *rows], request.translate(_("业务查看清单"))), _XLSX
    else:
        body, kind = print_pdf(_PRINTED, _printed(request, wanted, rows), request.clock()), "application/pdf"
    name = f'attachment; filename="tasks-{wanted}.{request.matchdict["format"]}"'
    return Response(body, content_type=kind, content_disposition=name)


def _printed(request: Request, wanted: str, rows: list[list[str]]) -> dict[str, Any]:
    """What the print says, in the language of the archive, simplified Chinese."""
    told = _tasks(request).told(wanted)
    at = request.clock().astimezone(request.parts.settings.zone)
    return {
        "organisation": request.parts.settings.organisation,
        "month": f"{int(wanted[:4])}年{int(wanted[5:])}月",
        "head": list(_HEAD),
        "rows": rows,
        "seen": told.viewer.name if told and told.viewer else "",
        "printed": f"{at:%Y-%m-%d %H:%M}",
    }


def _line(request: Request, one: TaskReading) -> list[str]:
    at = one.grant.created_at.astimezone(request.parts.settings.zone)
    code = one.item.code or one.item.accession
    return [
        one.person.name,
        f"{at:%Y-%m-%d %H:%M}",
        one.grant.number,
        code,
        _title(request, one.item) or request.translate(_("题名不予显示")),
        one.grant.purpose,
        one.pages,
    ]


def _title(request: Request, item: Item) -> str:
    """The title, if whoever oversees may know of the item by his duty."""
    queries: BorrowingQueries = request.find_service(BorrowingQueries)
    return item.title if queries.knows_by_duty(request.identity, item) else ""


def _tasks(request: Request) -> TaskLists:
    tasks: TaskLists = request.find_service(TaskLists)
    return tasks
