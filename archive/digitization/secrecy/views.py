"""The pages 保密事件: the list, one incident with what can be done, and its report to print."""

from datetime import datetime
from pathlib import Path
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.catalogue.models import Item
from archive.digitization.models import BatchSource
from archive.digitization.secrecy.models import IncidentState, SecrecyIncident
from archive.digitization.secrecy.service import SecrecyService
from archive.platform.accounts.models import Role
from archive.platform.accounts.permissions import Permission
from archive.platform.i18n import _
from archive.platform.printing import print_pdf

__all__: list[str] = []

_TEMPLATES = "archive:digitization/secrecy/templates/"
_REPORT = Path(__file__).parent / "templates" / "report.typ"

STATES = {
    IncidentState.OPEN: (_("待处置"), "red"),
    IncidentState.ERASED: (_("已清除"), "neutral"),
    IncidentState.RELEASED: (_("误报，已解除"), "green"),
}
SOURCES = {
    BatchSource.UPLOAD: _("上传"),
    BatchSource.WATCH: _("监视文件夹"),
    BatchSource.COMMAND: _("命令行"),
    BatchSource.SCANNER: _("扫描仪"),
}


#: how a mark came to light on a record
CORRECTED = _("更正页面文字时")


@view_config(route_name="secrecy.incidents", permission=Permission.SECRECY, renderer=_TEMPLATES + "incidents.jinja2")
def incidents(request: Request) -> dict[str, Any]:
    """All incidents, the newest first."""
    return {
        "incidents": request.find_service(SecrecyService).incidents(),
        "states": STATES,
        "sources": {**SOURCES, None: CORRECTED},
    }


@view_config(route_name="secrecy.incident", permission=Permission.SECRECY, renderer=_TEMPLATES + "incident.jinja2")
def incident(request: Request) -> dict[str, Any]:
    """One incident, where its page stands on the paper, and what this person can do."""
    found = _incident(request)
    waits = found.state is IncidentState.OPEN and found.isolated_at is not None
    return {
        "incident": found,
        "states": STATES,
        "sources": {**SOURCES, None: CORRECTED},
        "waits": waits,
        "item": request.db.get(Item, found.item_id) if found.item_id else None,
        "may_erase": waits and found.item_id is None and Role.SECURITY_ADMINISTRATOR in request.identity.roles,
        "may_propose": waits and found.proposed_by is None,
        "may_release": waits and SecrecyService.may_release(found, request.identity),
        "sees_batches": request.has_permission(Permission.DIGITIZE),
    }


@view_config(route_name="secrecy.erase", permission=Permission.SECRECY)
def erase(request: Request) -> Response:
    """Delete the isolated scans for ever; the keeper does it as soon as this is recorded."""
    request.find_service(SecrecyService).erase(_incident(request), request.identity)
    return _back(request)


@view_config(route_name="secrecy.propose", permission=Permission.SECRECY)
def propose(request: Request) -> Response:
    """Say why it is a false alarm."""
    reason = request.POST.get("reason", "")
    request.find_service(SecrecyService).propose_release(_incident(request), request.identity, reason)
    return _back(request)


@view_config(route_name="secrecy.release", permission=Permission.SECRECY)
def release(request: Request) -> Response:
    """Agree that it is one: the scans come in again."""
    request.find_service(SecrecyService).release(_incident(request), request.identity)
    return _back(request)


@view_config(route_name="secrecy.report", permission=Permission.SECRECY)
def report(request: Request) -> Response:
    """The report 保密事件报告, to be signed on paper."""
    found = _incident(request)
    pdf = print_pdf(_REPORT, _report(request, found), request.clock())
    name = f"secrecy-incident-{found.number}.pdf"
    return Response(pdf, content_type="application/pdf", content_disposition=f'inline; filename="{name}"')


def _report(request: Request, found: SecrecyIncident) -> dict[str, Any]:
    """What the report says. Prints are in the language of the archive, simplified Chinese."""
    zone = request.parts.settings.zone

    def at(moment: datetime | None) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else ""

    item = request.db.get(Item, found.item_id) if found.item_id else None
    where = f"第 {found.file_position} 个文件（共 {found.file_count} 个），第 {found.page} 页"
    ended = {
        IncidentState.OPEN: "待处置",
        IncidentState.ERASED: "隔离内容已清除",
        IncidentState.RELEASED: "误报，已解除",
    }
    return {
        "organisation": request.parts.settings.organisation,
        "number": found.number,
        "printed": at(request.clock()),
        "rows": [
            ["发现时间", at(found.found_at)],
            ["档号", str(item.code)] if item else ["批次号", found.batch_number],
            ["发现途径", str(SOURCES[found.source] if found.source else CORRECTED)],
            ["经手人", f"{found.bringer.name}（{found.bringer.unit.name}）"],
            ["所在位置", where],
            ["文件摘要（SHA-256）", f"{found.file_sha256[:32]}\n{found.file_sha256[32:]}"],
            ["隔离时间", at(found.isolated_at) or "正在隔离"],
            ["申请解除", f"{found.proposer.name} {at(found.proposed_at)}" if found.proposer else ""],
            ["误报理由", found.reason],
            ["处置结果", ended[found.state]],
            ["处置人", f"{found.closer.name} {at(found.closed_at)}" if found.closer else ""],
        ],
    }


def _incident(request: Request) -> SecrecyIncident:
    found: SecrecyIncident = request.find_service(SecrecyService).incident(request.matchdict["incident_id"])
    return found


def _back(request: Request) -> Response:
    return HTTPSeeOther(request.route_path("secrecy.incident", incident_id=request.matchdict["incident_id"]))
