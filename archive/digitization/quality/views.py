"""The pages 质量: plan, findings and sampling of a batch; one sampled page after another; statistics."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import func, select, true

from archive.digitization.errors import FieldsError
from archive.digitization.models import Batch, Draft, DraftPage, DraftState
from archive.digitization.progress import progress_of
from archive.digitization.quality.forms import count_of, plan_values
from archive.digitization.quality.gate import tally
from archive.digitization.quality.models import BatchPlan, CheckOutcome, Counts, SampledPage, SamplingCheck, Verdict
from archive.digitization.quality.overview import Issue, issues_of
from archive.digitization.quality.rules import most_bad, outcome
from archive.digitization.quality.service import Opinion, QualityService
from archive.digitization.quality.statistics import By, Figures, statistics, total
from archive.digitization.quality.words import COLOURS, DEFECTS, OUTCOMES, describe
from archive.platform.accounts.models import Person, Role, RoleHolding
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import InvalidError
from archive.platform.i18n import _
from archive.platform.paging import page_number
from archive.platform.rows import row_document
from archive.platform.spreadsheets import Cell, as_csv, as_xlsx

__all__: list[str] = []

_TEMPLATES = "archive:digitization/quality/templates/"
#: findings on a page of the list
_PAGE = 20
#: keys of the verdicts: the first says that a page is good
_KEYS = "1234567890"
#: pages of these are shown from intake; what was filed is read through the guard only
_SHOWN = (DraftState.READY, DraftState.ACCEPTING)

#: the device of batches without a plan
NOT_SAID = _("未登记")

BY = {By.OPERATOR: _("扫描人"), By.DEVICE: _("设备"), By.MONTH: _("月份")}


@view_config(
    route_name="digitization.quality",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "quality.jinja2",
)
def show(request: Request) -> dict[str, Any]:
    """The quality of one batch."""
    return _page(request, _batch(request), {}, {})


@view_config(
    route_name="digitization.quality",
    request_method="POST",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "quality.jinja2",
)
def save_plan(request: Request) -> dict[str, Any] | Response:
    """Keep the plan; errors come back beside the fields."""
    batch = _batch(request)
    try:
        _service(request).save_plan(batch, plan_values(request.POST, dict(_people(request, batch))))
    except FieldsError as error:
        return _refused(request, batch, error.errors)
    except InvalidError as error:
        return _refused(request, batch, {error.field: error.message})
    return _back(request, batch, "plan")


@view_config(route_name="digitization.custody", permission=Permission.DIGITIZE, renderer=_TEMPLATES + "quality.jinja2")
def custody(request: Request) -> dict[str, Any] | Response:
    """Hand the originals out, or take them back."""
    batch, sent, service = _batch(request), request.POST, _service(request)
    try:
        if sent.get("act") == "out":
            service.hand_out(batch, _text(sent.get("handed_out_to", "")), _counts(sent, "handed_out"))
        else:
            note = _text(sent.get("handed_back_note", ""), most=1000)
            service.hand_back(batch, _text(sent.get("handed_back_by", "")), _counts(sent, "handed_back"), note)
    except InvalidError as error:
        return _refused(request, batch, {error.field: error.message})
    return _back(request, batch, "custody")


@view_config(route_name="digitization.sample", permission=Permission.DIGITIZE)
def sample(request: Request) -> Response:
    """Draw a sample and begin with its first page."""
    batch = _batch(request)
    check = _service(request).draw_sample(batch, request.identity)
    return HTTPSeeOther(request.route_path("digitization.check", batch_id=batch.id, check_id=check.id))


@view_config(
    route_name="digitization.check",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer=_TEMPLATES + "check.jinja2",
)
def check(request: Request) -> dict[str, Any]:
    """One page of the sample with its verdict: the one that is asked for, or else the first nobody looked at."""
    batch, service = _batch(request), _service(request)
    found = service.check(batch, request.matchdict["check_id"])
    counted = tally(request.db, found)
    position = page_number(request.GET.get("page", "")) if "page" in request.GET else _next(request, found, 0)
    sampled = service.sampled(found, position or counted.size)
    page = request.db.get(DraftPage, sampled.page_id)
    words, tone = OUTCOMES[found.outcome]
    return {
        "batch": batch,
        "check": found,
        "tally": counted,
        "sampled": sampled,
        "page": page,
        "shown": page is not None and page.draft is not None and page.draft.state in _SHOWN,
        "findings": [describe(one["code"], one["value"]) for one in page.findings] if page is not None else [],
        "defects": list(zip(_KEYS[1:], DEFECTS.items(), strict=False)),
        "defect_names": DEFECTS,
        "state": words,
        "tone": tone,
        "open": found.outcome is CheckOutcome.OPEN and service.may_check(batch, request.identity),
        "may_check": service.may_check(batch, request.identity),
        "decided": outcome(counted.size, counted.good, counted.bad, found.highest_error),
        "allowed": most_bad(counted.size, found.highest_error),
    }


@view_config(route_name="digitization.check", request_method="POST", permission=Permission.DIGITIZE)
def judge(request: Request) -> Response:
    """Keep the verdict on a page, and open the next."""
    batch, service, sent = _batch(request), _service(request), request.POST
    found = service.check(batch, request.matchdict["check_id"])
    position, said = page_number(sent.get("page", "")), sent.get("verdict", "")
    if said != Verdict.GOOD and said not in DEFECTS:
        raise InvalidError(_("请用页面上的按钮给出结论。"), field="verdict")
    good = said == Verdict.GOOD
    opinion = Opinion(Verdict.GOOD if good else Verdict.BAD, "" if good else said, _text(sent.get("note", ""), 200))
    service.judge(batch, found, position, request.identity, opinion)
    following = _next(request, found, position)
    query = {"page": following or position}
    return HTTPSeeOther(request.route_path("digitization.check", batch_id=batch.id, check_id=found.id, _query=query))


@view_config(route_name="digitization.conclude", permission=Permission.DIGITIZE)
def conclude(request: Request) -> Response:
    """Let the sample decide."""
    batch, service = _batch(request), _service(request)
    service.conclude(batch, service.check(batch, request.matchdict["check_id"]), request.identity)
    return _back(request, batch, "sampling")


@view_config(
    route_name="digitization.statistics", permission=Permission.DIGITIZE, renderer=_TEMPLATES + "statistics.jinja2"
)
def figures(request: Request) -> dict[str, Any]:
    """How much was scanned and how well."""
    by, year, rows = _statistics(request)
    return {
        "by": by,
        "bys": BY,
        "year": year,
        "years": _years(request),
        "rows": rows,
        "total": total(rows),
        "not_said": NOT_SAID,
    }


@view_config(route_name="digitization.statistics_export", permission=Permission.DIGITIZE)
def export(request: Request) -> Response:
    """The same table for a spreadsheet program."""
    by, year, rows = _statistics(request)
    table = list(_table(request, by, rows))
    if request.matchdict["format"] == "csv":
        body, kind = as_csv(table), "text/csv"
    else:
        body = as_xlsx(table, request.translate(_("数字化统计")))
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    name = f"digitization-{year}-{by}.{request.matchdict['format']}"
    return Response(body, content_type=kind, content_disposition=f'attachment; filename="{name}"')


def _service(request: Request) -> QualityService:
    found: QualityService = request.find_service(QualityService)
    return found


def _batch(request: Request) -> Batch:
    return _service(request).batch(request.matchdict["batch_id"], request.identity)


def _back(request: Request, batch: Batch, anchor: str) -> Response:
    return HTTPSeeOther(request.route_path("digitization.quality", batch_id=batch.id, _anchor=anchor))


def _refused(request: Request, batch: Batch, errors: dict[str, str]) -> dict[str, Any]:
    request.response.status_int = 422
    return _page(request, batch, errors, dict(request.POST))


def _text(value: str, most: int = 100) -> str:
    return " ".join(value.split())[:most]


def _counts(sent: Mapping[str, str], way: str) -> Counts:
    return Counts(*(count_of(sent.get(f"{way}_{unit}", "")) for unit in Counts._fields))


def _page(request: Request, batch: Batch, errors: dict[str, str], sent: dict[str, str]) -> dict[str, Any]:
    service = _service(request)
    plan, progress = service.plan(batch), progress_of(request.db, batch, request.clock())
    settled = batch.complete and progress.recognised
    issues = issues_of(request.db, batch, plan, settled=settled)
    code, page = request.GET.get("code", ""), page_number(request.GET.get("page", ""))
    chosen = [issue for issue in issues if code in ("", issue.code)]
    checks = _checks(request, batch)
    return {
        "batch": batch,
        "plan": plan or _usual_plan(batch),
        "planned": plan is not None,
        "errors": {name: request.translate(message) for name, message in errors.items()},
        "sent": sent,
        "people": [("", request.translate(_("未指定"))), *_people(request, batch)],
        "colours": [
            ("", request.translate(_("不限"))),
            *((mode, request.translate(name)) for mode, name in COLOURS.items()),
        ],
        "progress": progress,
        "settled": settled,
        "kinds": [(kind, describe(kind).name, count) for kind, count in Counter(one.code for one in issues).items()],
        "issues": [_shown(request, issue) for issue in chosen[(page - 1) * _PAGE : page * _PAGE]],
        "found": len(chosen),
        "code": code,
        "page": page,
        "size": _PAGE,
        "url": lambda number: request.route_path(
            "digitization.quality", batch_id=batch.id, _query={"code": code, "page": number}, _anchor="findings"
        ),
        "checks": checks,
        "filed": _filed(request, batch) if checks and checks[0]["check"].outcome is CheckOutcome.FAILED else [],
        "outcomes": OUTCOMES,
        "may_check": service.may_check(batch, request.identity),
        "custody": _custody(request, plan) if plan else [],
        "steps": _steps(request, batch, plan, checks[0]["check"] if checks else None),
        "sample": service.pages_to_draw(batch, plan) if plan else 0,
    }


def _usual_plan(batch: Batch) -> BatchPlan:
    """What the form shows before there is a plan; who sent the batch most likely scanned it."""
    return BatchPlan(
        batch_id=batch.id,
        scanned_by=batch.created_by,
        device="",
        wanted_dpi=300,
        check_demanded=True,
        share=5.0,
        least=20,
        highest_error=5.0,
        handed_out_to="",
        handed_back_by="",
        handed_back_note="",
        former_custody=[],
    )


def _people(request: Request, batch: Batch) -> list[tuple[str, str]]:
    """Who may digitise, and who sent this batch."""
    holding = select(RoleHolding.person_id).where(RoleHolding.role.in_((Role.ARCHIVIST, Role.RECORDS_OFFICER)))
    wanted = select(Person).where(Person.active, Person.id.in_(holding) | (Person.id == batch.created_by))
    return [(one.id, f"{one.name}（{one.unit.name}）") for one in request.db.scalars(wanted.order_by(Person.name))]


def _checks(request: Request, batch: Batch) -> list[dict[str, Any]]:
    """The batch's checks, the newest first."""
    wanted = select(SamplingCheck).where(SamplingCheck.batch_id == batch.id).order_by(SamplingCheck.number.desc())
    return [{"check": one, "tally": tally(request.db, one)} for one in request.db.scalars(wanted)]


def _filed(request: Request, batch: Batch) -> list[Draft]:
    """What was filed before the batch went back."""
    filed = (DraftState.ACCEPTING, DraftState.ACCEPTED)
    wanted = select(Draft).where(Draft.batch_id == batch.id, Draft.state.in_(filed)).order_by(Draft.position)
    return list(request.db.scalars(wanted))


def _shown(request: Request, issue: Issue) -> dict[str, Any]:
    """A finding with its words, its picture and the pages that lead to it."""
    page = request.db.get(DraftPage, issue.page_id) if issue.page_id else None
    draft = page.draft if page is not None else None
    pictured = page is not None and draft is not None and draft.state in _SHOWN and bool(page.thumbnail_key)
    return {"issue": issue, "words": describe(issue.code, issue.value), "draft": draft, "pictured": pictured}


def _steps(request: Request, batch: Batch, plan: BatchPlan | None, last: SamplingCheck | None) -> list[dict[str, Any]]:
    """The way of the batch: planned, originals out, scanned, originals back, checked."""

    def step(label: str, done: bool, who: str | None = "", when: datetime | None = None) -> dict[str, Any]:
        return {"label": request.translate(label), "state": "done" if done else "waiting", "who": who, "when": when}

    scanner = plan.scanner if plan is not None and plan.scanner is not None else batch.person
    steps = [
        step(_("计划"), plan is not None, plan.preparer.name if plan is not None and plan.preparer else ""),
        step(_("交出原件"), bool(plan and plan.handed_out_at), *_out(plan)),
        step(_("扫描"), batch.complete, scanner.name, batch.created_at),
        step(_("收回原件"), bool(plan and plan.handed_back_at), *_in(plan)),
        step(_("抽检验收"), last is not None and last.outcome is CheckOutcome.PASSED, *_checked(last)),
    ]
    if last is not None and last.outcome is not CheckOutcome.PASSED:
        steps[-1]["state"] = "current" if last.outcome is CheckOutcome.OPEN else "refused"
    return steps


def _custody(request: Request, plan: BatchPlan) -> list[dict[str, Any]]:
    """Each time that the originals went out, the last one first: who gave whom how many, and how they came back."""

    def name(person_id: str | None) -> str:
        return request.db.get_one(Person, person_id).name if person_id else ""

    def moment(written: str | None) -> datetime | None:
        return datetime.fromisoformat(written) if written else None

    def way(one: Mapping[str, Any], prefix: str) -> Counts:
        return Counts(*(one[f"{prefix}_{unit}"] for unit in Counts._fields))

    times = [*plan.former_custody, *([row_document(plan)] if plan.handed_out_at else [])]
    return [
        {
            "out": (moment(one["handed_out_at"]), name(one["handed_out_by"]), one["handed_out_to"]),
            "out_counts": way(one, "handed_out"),
            "back": (moment(one["handed_back_at"]), one["handed_back_by"], name(one["taken_back_by"])),
            "back_counts": way(one, "handed_back"),
            "note": one["handed_back_note"],
        }
        for one in reversed(times)
    ]


def _out(plan: BatchPlan | None) -> tuple[str, datetime | None]:
    return (plan.handed_out_to, plan.handed_out_at) if plan is not None else ("", None)


def _in(plan: BatchPlan | None) -> tuple[str, datetime | None]:
    return (plan.taker.name if plan.taker else "", plan.handed_back_at) if plan is not None else ("", None)


def _checked(last: SamplingCheck | None) -> tuple[str, datetime | None]:
    if last is None:
        return "", None
    return (last.concluder or last.drawer).name, last.concluded_at or last.drawn_at


def _next(request: Request, check: SamplingCheck, after: int) -> int | None:
    """The next page of the sample nobody looked at: after this one, else from the beginning."""
    waiting = select(func.min(SampledPage.position)).where(
        SampledPage.check_id == check.id, SampledPage.verdict.is_(None)
    )
    later = request.db.scalar(waiting.where(SampledPage.position > after))
    found: int | None = later or request.db.scalar(waiting)
    return found


def _statistics(request: Request) -> tuple[By, int, list[Figures]]:
    """What is asked for, and its rows: an archivist sees everybody's work, others their own."""
    by = By(request.GET["by"]) if request.GET.get("by") in set(By) else By.OPERATOR
    zone = request.parts.settings.zone
    written = request.GET.get("year", "")
    year = int(written) if written.isascii() and written.isdigit() and 2000 <= int(written) < 2200 else 0
    year = year or request.clock().astimezone(zone).year
    span = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    mine = true() if Role.ARCHIVIST in request.identity.roles else Batch.created_by == request.identity.id
    return by, year, statistics(request.db, by, span, zone, mine)


def _years(request: Request) -> list[int]:
    """From the first batch until now, the newest first."""
    zone, first = request.parts.settings.zone, request.db.scalar(select(func.min(Batch.created_at)))
    this = request.clock().astimezone(zone).year
    return list(range(this, (first.astimezone(zone).year if first else this) - 1, -1))


def _table(request: Request, by: By, rows: list[Figures]) -> Iterator[list[Cell]]:
    head = (
        BY[by],
        _("批次数"),
        _("页数"),
        _("机检有问题页"),
        _("机检问题率（%）"),
        _("抽检页"),
        _("不合格页"),
        _("差错率（%）"),
    )
    yield [request.translate(word) for word in head]
    for one in rows:
        yield [one.name or request.translate(NOT_SAID), *_cells(one)]
    yield [request.translate(_("合计")), *_cells(total(rows))]


def _cells(one: Figures) -> list[Cell]:
    shares = [None if share is None else round(share, 1) for share in (one.flawed_share, one.error_rate)]
    return [one.batches, one.pages, one.flawed, shares[0], one.sampled, one.bad, shares[1]]
