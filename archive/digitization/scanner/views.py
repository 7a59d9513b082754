"""Scanning from the browser: choose how, watch the pages come, stop, go on, end."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import func, select

from archive.catalogue.words import NOTE_KINDS
from archive.digitization.models import Batch, BatchFile, BatchSource, FileState, SplitRule
from archive.digitization.original_notes import TICKS, ticked
from archive.digitization.reasons import NOT_COME, advice
from archive.digitization.scanner.service import ScannerService
from archive.digitization.service import IntakeService
from archive.digitization.upload.form import intake_choices, open_batch
from archive.platform.accounts.permissions import Permission
from archive.platform.db import new_id
from archive.platform.errors import InvalidError
from archive.platform.i18n import _
from ingest.errors import ScannerError
from ingest.programs.scan_options import Abilities, Colours, Feed
from ingest.programs.scanimage import Device, Paper, ScanOrder, abilities, devices

_TEMPLATES = "archive:digitization/scanner/templates/"
_RESOLUTIONS = (200, 300, 400, 600)
_USUAL = 300

FEEDS = {Feed.FEEDER: _("进纸器，单面"), Feed.DUPLEX: _("进纸器，双面"), Feed.FLATBED: _("平板，一次一页")}
COLOURS = {Colours.COLOUR: _("彩色"), Colours.GREY: _("灰度"), Colours.BILEVEL: _("黑白")}
PAPERS = {Paper.A4: "A4", Paper.A3: "A3", Paper.WHOLE: _("整个幅面")}


@view_config(
    route_name="digitization.scanner",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "scanner.jinja2",
)
def scanner(request: Request) -> dict[str, Any]:
    """Where to scan from, how, and where the pages go."""
    service = request.find_service(ScannerService)
    found = service.unfinished(request.identity)
    return {
        **_choices(request, None),
        **intake_choices(request),
        "rule": SplitRule.SEPARATORS.value,
        "unfinished": [(batch, _pages(request, batch.id), service.is_scanning(batch.id)) for batch in found],
    }


@view_config(route_name="digitization.scanner", request_method="POST", permission=Permission.DIGITIZE)
def begin(request: Request) -> Response:
    """Open a batch and scan into it."""
    form = dict(request.POST)
    order = _order(request)
    form["duplex"] = "yes" if order.feed is Feed.DUPLEX else ""
    intake = request.find_service(IntakeService)
    batch = open_batch(request.db, intake, BatchSource.SCANNER, request.identity, form, new_id())
    request.find_service(ScannerService).begin(batch, order, ticked(request.POST.getall("noted")))
    return _to(request, batch)


@view_config(
    route_name="digitization.scanning",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "scanning.jinja2",
)
def scanning(request: Request) -> dict[str, Any]:
    """The pages that came, and how more can come."""
    shown = scanned(request)
    last = request.find_service(ScannerService).last_order(shown["batch"].id)
    return {**shown, **({} if shown["scanning"] or not shown["open"] else _choices(request, last))}


@view_config(route_name="digitization.scanned", permission=Permission.DIGITIZE, renderer=_TEMPLATES + "scanned.jinja2")
def scanned(request: Request) -> dict[str, Any]:
    """How many pages came, and what went wrong last; when no more come, the page around it is asked for anew."""
    service = request.find_service(ScannerService)
    batch = service.batch(request.matchdict["batch_id"], request.identity)
    if not service.is_scanning(batch.id):
        request.response.headers["HX-Refresh"] = "true"
    wanted = select(BatchFile).where(BatchFile.batch_id == batch.id).order_by(BatchFile.position.desc()).limit(1)
    last = request.db.scalar(wanted)
    wrong = last is not None and last.state is FileState.REFUSED and last.reason in NOT_COME
    return {
        "batch": batch,
        "pages": _pages(request, batch.id),
        "scanning": service.is_scanning(batch.id),
        "open": not batch.complete,
        "trouble": advice(last.reason) if last is not None and wrong else "",
    }


@view_config(route_name="digitization.scanning", request_method="POST", permission=Permission.DIGITIZE)
def go_on(request: Request) -> Response:
    """Scan more pages into the batch."""
    service = request.find_service(ScannerService)
    batch = service.batch(request.matchdict["batch_id"], request.identity)
    service.begin(batch, _order(request), ticked(request.POST.getall("noted")))
    return _to(request, batch)


@view_config(route_name="digitization.scan_stop", permission=Permission.DIGITIZE)
def stop(request: Request) -> Response:
    """Scan no further page for now."""
    service = request.find_service(ScannerService)
    batch = service.batch(request.matchdict["batch_id"], request.identity)
    service.stop(batch)
    return _to(request, batch)


@view_config(route_name="digitization.scan_finish", permission=Permission.DIGITIZE)
def finish(request: Request) -> Response:
    """Every page came: the batch is divided into items, and is watched on its own page."""
    service = request.find_service(ScannerService)
    batch = service.batch(request.matchdict["batch_id"], request.identity)
    service.stop(batch)
    request.find_service(IntakeService).complete(batch)
    return HTTPSeeOther(request.route_path("digitization.batch", batch_id=batch.id))


def _choices(request: Request, last: ScanOrder | None) -> dict[str, Any]:
    """The devices, the chosen one, and what that can do; or why there is none."""
    chosen = request.GET.get("device", "") or (last.device if last else "")
    try:
        found = devices()
        if chosen not in {device.name for device in found}:
            chosen = found[0].name if found else ""
        able = abilities(chosen) if chosen else None
    except ScannerError as error:
        return {"devices": [], "no_device": advice(error.reason), "able": None}
    shown = {"devices": [(one.name, _called(one)) for one in found], "device": chosen, "able": able, "last": last}
    none = "" if found else _("没有找到扫描仪。请检查电源和连线，再刷新本页。")
    return {**shown, "no_device": none, **_options(request, able)}


def _options(request: Request, able: Abilities | None) -> dict[str, Any]:
    if able is None:
        return {}
    least, most = able.resolutions
    fit = [dpi for dpi in _RESOLUTIONS if least <= dpi <= most] or [most]
    return {
        "feeds": [(feed.value, request.translate(FEEDS[feed])) for feed in able.feeds],
        "colours": [(one.value, request.translate(COLOURS[one])) for one in able.colours],
        "resolutions": [(str(dpi), f"{dpi} dpi") for dpi in fit],
        "papers": [(paper.value, request.translate(words)) for paper, words in PAPERS.items()],
        "usual": str(_USUAL),
        "ticks": [(kind.value, NOTE_KINDS[kind], False) for kind in TICKS],
    }


def _called(device: Device) -> str:
    return f"{device.vendor} {device.model} ({device.name})"


def _order(request: Request) -> ScanOrder:
    """What the form asks for. Raises InvalidError."""
    form = request.POST
    try:
        return ScanOrder(
            device=form["device"],
            feed=Feed(form["feed"]),
            resolution=int(form["resolution"]),
            colours=Colours(form.get("colours") or Colours.COLOUR),
            paper=Paper(form["paper"]),
        )
    except (KeyError, ValueError) as error:
        raise InvalidError(_("请选择扫描仪和扫描方式。"), field="device") from error


def _pages(request: Request, batch_id: str) -> int:
    wanted = select(func.count()).where(BatchFile.batch_id == batch_id, BatchFile.size > 0)
    return request.db.scalar(wanted) or 0


def _to(request: Request, batch: Batch) -> Response:
    return HTTPSeeOther(request.route_path("digitization.scanning", batch_id=batch.id))
