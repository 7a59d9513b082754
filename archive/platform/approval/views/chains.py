"""The table of chains: which steps what is asked for has to pass; changed row by row, tried out, with its versions."""

from collections.abc import Callable, Mapping
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.platform.accounts.models import Role
from archive.platform.accounts.permissions import Permission
from archive.platform.approval.chain_service import DECIDING_ROLES, LONGEST_CHAIN, ChainService, Question, WouldDecide
from archive.platform.approval.chains import Asked, Circle, Control, Place, Row, RuleStep
from archive.platform.approval.words import ASKED, CIRCLES, CONTROLS, PLACES, PURPOSES
from archive.platform.audit.wording import ROLES
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.sent import sent_text

__all__: list[str] = []

_TEMPLATES = "archive:platform/approval/templates"
_FORM = f"{_TEMPLATES}/chain.jinja2"


@view_config(
    route_name="approval.chains", permission=Permission.ADMINISTER_RIGHTS, renderer=f"{_TEMPLATES}/chains.jinja2"
)
def chains(request: Request) -> dict[str, Any]:
    """The table as it is, or as one version was; and who would decide what somebody asks."""
    service = _service(request)
    newest, asked = service.newest(), _one_of(Asked, request.GET.get("asked", ""), Asked.VIEW)
    number = _number(request.GET.get("version", ""), newest)
    table, before = service.table(number), service.table(max(number - 1, 0))
    rows = sorted((row for row in table if row.asked is asked), key=lambda row: row.order)
    return {
        **_words(request, service),
        "asked": asked,
        "rows": [(row, table[row], table[row] != before.get(row)) for row in rows],
        "number": number,
        "newest": newest,
        "versions": service.versions(),
        "tried": _tried(request, service),
    }


@view_config(route_name="approval.chain", request_method="GET", permission=Permission.ADMINISTER_RIGHTS, renderer=_FORM)
def chain(request: Request) -> dict[str, Any]:
    """One row, to be changed; with `new`, a row for a purpose of its own."""
    service, row = _service(request), _row(request.GET)
    table = service.table(service.newest())
    if row not in table:
        raise NotFoundError(_("没有这一行审批流程。"))
    steps = [_typed_of(step) for step in table[row]]
    return _page(request, row, steps, {"based_on": service.newest(), "new": "new" in request.GET})


@view_config(
    route_name="approval.chain", request_method="POST", permission=Permission.ADMINISTER_RIGHTS, renderer=_FORM
)
def change_chain(request: Request) -> dict[str, Any] | Response:
    """Keep the row as a new version of the table, or take the row of a purpose away."""
    sent, service, row = request.POST, _service(request), _row(request.POST)
    typed = [_typed(sent, number) for number in range(1, LONGEST_CHAIN + 1)]
    comment, based_on = sent_text(sent, "comment"), _number(sent.get("based_on", ""), -1)
    kept = {"based_on": based_on, "new": "new" in sent, "comment": comment}
    try:
        steps = [_step(number, one) for number, one in enumerate(typed, start=1) if one["who"]]
        if "preview" in sent:
            kept["tried"] = _tried_out(request, lambda: service.preview(steps, sent["applicant"], sent["unit"]))
            return _page(request, row, typed, {**kept, "applicant": sent["applicant"], "unit": sent["unit"]})
        _check_purpose(row, new="new" in sent)
        service.change(request.identity, based_on, row, None if "remove" in sent else steps, comment)
    except (InvalidError, ConflictError) as error:
        request.response.status_int = 422 if isinstance(error, InvalidError) else 409
        field = getattr(error, "field", "") or "who-1"
        kept["errors"] = {field: request.translate(error.message, **error.facts)}
        return _page(request, row, typed, kept)
    return HTTPSeeOther(request.route_path("approval.chains", _query={"asked": row.asked}))


def _page(request: Request, row: Row, typed: list[dict[str, str]], kept: Mapping[str, Any]) -> dict[str, Any]:
    service = _service(request)
    empty = [_EMPTY] * (LONGEST_CHAIN - len(typed))
    return {
        **_words(request, service),
        "row": row,
        "lines": [*typed, *empty],
        "who": _choices(request, service),
        "comment": "",
        "errors": {},
        "applicant": "",
        "unit": "",
        "tried": None,
        **kept,
    }


def _words(request: Request, service: ChainService) -> dict[str, Any]:
    """What both pages call things."""
    posts = {post.id: f"{post.unit.name} · {post.name}" for post in service.posts()}
    people = {person.id: f"{person.name} · {person.unit.name}" for person in service.people()}
    roles = {role: request.translate(ROLES[role]) for role in Role}

    def who(step: RuleStep) -> str:
        if step.role:
            return str(roles[step.role])
        return posts.get(step.post_id or "") or people.get(step.person_id or "") or request.translate(_("已离任"))

    return {
        "askeds": ASKED,
        "controls": CONTROLS,
        "circles": CIRCLES,
        "places": PLACES,
        "purposes": [(one, request.translate(one)) for one in PURPOSES],
        "people": list(people.items()),
        "units": sorted({person.unit.id: person.unit.name for person in service.people()}.items()),
        "who_of": who,
        "words_of": lambda spec: roles[spec.role] if spec.role else posts.get(spec.post_id, ""),
    }


def _choices(request: Request, service: ChainService) -> list[tuple[str, str]]:
    """Whom a step can name: roles, posts, people."""
    say = request.translate
    roles = [(f"role:{role}", say(_("角色：{name}"), name=say(ROLES[role]))) for role in DECIDING_ROLES]
    posts = [
        (f"post:{post.id}", say(_("岗位：{name}"), name=f"{post.unit.name} · {post.name}")) for post in service.posts()
    ]
    people = [
        (f"person:{one.id}", say(_("人员：{name}"), name=f"{one.name} · {one.unit.name}")) for one in service.people()
    ]
    return [("", say(_("无"))), *roles, *posts, *people]


def _tried(request: Request, service: ChainService) -> dict[str, Any]:
    """What was tried out, and the answer."""
    sent = request.GET
    question = Question(
        sent.get("applicant", ""),
        sent.get("unit", ""),
        _one_of(Control, sent.get("control", ""), Control.INTERNAL),
        _one_of(Asked, sent.get("asked", ""), Asked.VIEW),
        sent_text(sent, "purpose"),
    )
    asked = bool(question.applicant_id)
    return {
        "question": question,
        "answer": _tried_out(request, lambda: service.would_decide(question)) if asked else None,
    }


def _tried_out(request: Request, who: Callable[[], list[WouldDecide]]) -> dict[str, Any]:
    """Who would decide, or why nobody could."""
    try:
        return {"steps": who(), "refused": ""}
    except (NotFoundError, ConflictError) as error:
        return {"steps": [], "refused": request.translate(error.message, **error.facts)}


_EMPTY = {"who": "", "place": Place.OWNING, "all": "", "days": ""}


def _typed_of(step: RuleStep) -> dict[str, str]:
    """A step as its line of the form shows it."""
    who = f"role:{step.role}" if step.role else f"post:{step.post_id}" if step.post_id else f"person:{step.person_id}"
    return {"who": who, "place": step.place, "all": "on" * step.all_of, "days": str(step.days or "")}


def _typed(sent: Mapping[str, str], number: int) -> dict[str, str]:
    """A line of the form as it was sent."""
    return {name: sent_text(sent, f"{name}-{number}").strip() for name in _EMPTY}


def _step(number: int, typed: Mapping[str, str]) -> RuleStep:
    """The step a line means. Raises InvalidError, naming the field."""
    kind, _separator, key = typed["who"].partition(":")
    days = typed["days"]
    if days and not (days.isascii() and days.isdigit() and len(days) <= 3):
        raise InvalidError(_("时限请填写天数，不限时则留空。"), field=f"days-{number}")
    try:
        role = Role(key) if kind == "role" else None
        place = Place(typed["place"]) if role else Place.ANYWHERE
    except ValueError as error:
        raise InvalidError(_("请选择可以审批的角色、岗位或人员。"), field=f"who-{number}") from error
    return RuleStep(
        role,
        place,
        key if kind == "post" else None,
        key if kind == "person" else None,
        bool(typed["all"]),
        int(days) if days else None,
    )


def _check_purpose(row: Row, *, new: bool) -> None:
    if new and not row.purpose:
        raise InvalidError(_("请写明目的，这一行只用于写明这一目的的申请。"), field="purpose")


def _row(sent: Mapping[str, str]) -> Row:
    """Which row is meant. Raises NotFoundError."""
    try:
        asked, control, circle = (sent.get(name, "") for name in ("asked", "control", "circle"))
        return Row(Asked(asked), Control(control), Circle(circle), sent_text(sent, "purpose").strip())
    except ValueError as error:
        raise NotFoundError(_("没有这一行审批流程。")) from error


def _one_of(kind: Any, text: str, otherwise: Any) -> Any:
    """The member of an enumeration that an address names, or another."""
    return kind(text) if text in set(kind) else otherwise


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else otherwise


def _service(request: Request) -> ChainService:
    service: ChainService = request.find_service(ChainService)
    return service
