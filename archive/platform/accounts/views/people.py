"""People as the system administrator keeps them: accounts, posts held over time, leaving."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from archive.platform.accounts.email import LONGEST, check_email
from archive.platform.accounts.forms import Line, check_lines, read_lines
from archive.platform.accounts.models import Credential, Person, Post, PostHolding, Role
from archive.platform.accounts.people import PAGE_SIZE, PeopleFilters, find_people
from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.service import AccountService
from archive.platform.accounts.views.found import chosen_unit, named_person, said, the_person, unit_choices
from archive.platform.audit.wording import ROLES
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.paging import page_number

__all__: list[str] = []

_TEMPLATES = "archive:platform/accounts/templates/"
_PERSON = {"login": Line(64), "name": Line(100), "unit": Line(36)}
_CHANGED = {**_PERSON, "email": Line(LONGEST, required=False)}
_POST = {"unit": Line(36), "post": Line(100)}
_NEW = {**_PERSON, "post": Line(100, required=False)}
#: names offered while a login or a post is entered
_OFFERED = 200


@view_config(route_name="people.list", permission=Permission.ADMINISTER_ACCOUNTS, renderer=_TEMPLATES + "people.jinja2")
def people(request: Request) -> dict[str, Any]:
    """One page of the people that were asked for."""
    return people_page(request, "people.list", "people.person")


def people_page(request: Request, route: str, person_route: str) -> dict[str, Any]:
    """What the template of the list shows; both administrators have one."""
    filters, page = PeopleFilters.of(request.GET), page_number(request.GET.get("page", ""))
    total, found = find_people(request.db, filters, page)
    return {
        "filters": filters,
        "found": found,
        "total": total,
        "page": page,
        "size": PAGE_SIZE,
        "url": lambda number: request.route_path(route, _query={**filters.parameters(), "page": number}),
        "units": unit_choices(request),
        "roles": ROLES,
        "route": route,
        "person_route": person_route,
    }


@view_config(
    route_name="people.passwords",
    request_method="POST",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "passwords.jinja2",
)
def give_passwords(request: Request) -> dict[str, Any]:
    """A first password for everybody on one page of the list who has none; shown on the page that answers."""
    service = _service(request)
    asked = [request.db.get(Person, person_id) for person_id in request.POST.getall("person")[:PAGE_SIZE]]
    return {"given": [(new, service.give_password(new)) for new in asked if new is not None and _waits(request, new)]}


@view_config(
    route_name="people.new",
    request_method="GET",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "person_new.jinja2",
)
def new(request: Request) -> dict[str, Any]:
    """An empty form."""
    return _new_page(request, read_lines(request.GET, _NEW), {})


@view_config(
    route_name="people.new",
    request_method="POST",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "person_new.jinja2",
)
def create(request: Request) -> dict[str, Any] | Response:
    """A new account; its first password is shown on the page that answers, and nowhere else."""
    entered = read_lines(request.POST, _NEW)
    errors = said(request, *wrong) if (wrong := check_lines(entered, _NEW)) else {}
    if errors:
        return _new_page(request, entered, errors)
    service = _service(request)
    try:
        unit = chosen_unit(request, entered["unit"])
        person = service.create_person(entered["login"], entered["name"], unit, post=entered["post"])
    except (ConflictError, InvalidError) as error:
        return _new_page(request, entered, said(request, error, field="login"))
    given = service.give_password(person)
    request.override_renderer = _TEMPLATES + "person.jinja2"
    return _person_page(request, person, given=given)


@view_config(
    route_name="people.person",
    request_method="GET",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "person.jinja2",
)
def person(request: Request) -> dict[str, Any]:
    """Who he is, and the posts he holds and held."""
    return _person_page(request, the_person(request))


@view_config(
    route_name="people.person",
    request_method="POST",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "person.jinja2",
)
def change(request: Request) -> dict[str, Any] | Response:
    """Correct who he is and where he belongs."""
    changed, entered = the_person(request), read_lines(request.POST, _CHANGED)
    if wrong := check_lines(entered, _CHANGED):
        return _person_page(request, changed, entered=entered, errors=said(request, *wrong))
    try:
        unit, email = chosen_unit(request, entered["unit"]), check_email(entered["email"])
        _service(request).change_person(changed, login=entered["login"], name=entered["name"], unit=unit)
        _service(request).change_email(changed, email)
    except (ConflictError, InvalidError) as error:
        return _person_page(request, changed, entered=entered, errors=said(request, error, field="login"))
    return _back(request, changed)


@view_config(
    route_name="people.password",
    request_method="POST",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "person.jinja2",
)
def give_password(request: Request) -> dict[str, Any]:
    """A new password, shown on the page that answers, and nowhere else."""
    forgetful = the_person(request)
    return _person_page(request, forgetful, given=_service(request).give_password(forgetful))


@view_config(
    route_name="people.post",
    request_method="POST",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "person.jinja2",
)
def take_post(request: Request) -> dict[str, Any] | Response:
    """He takes a post, which is made if the unit has none of that name."""
    taker, entered = the_person(request), read_lines(request.POST, _POST)
    try:
        if wrong := check_lines(entered, _POST):
            raise wrong[0]
        service = _service(request)
        service.begin_holding(taker, service.post_in(chosen_unit(request, entered["unit"]), entered["post"]))
    except (ConflictError, InvalidError) as error:
        return _person_page(request, taker, errors=said(request, error, field="post"), post=entered["post"])
    return _back(request, taker)


@view_config(
    route_name="people.leave",
    request_method="GET",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "leave.jinja2",
)
def leaving(request: Request) -> dict[str, Any]:
    """What is still open before he leaves a post, or altogether, and who is to take it."""
    return _leave_page(request, the_person(request), request.GET.get("holding", ""), "", {})


@view_config(
    route_name="people.leave",
    request_method="POST",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "leave.jinja2",
)
def leave(request: Request) -> dict[str, Any] | Response:
    """He leaves, and the successor takes over."""
    leaver, holding_id = the_person(request), request.POST.get("holding", "")
    login = str(request.POST.get("successor", "")).replace("\0", "").strip()
    holding, service = _holding(leaver, holding_id), _service(request)
    try:
        successor = named_person(request, login, field="successor")
        # All or nothing: a refusal half-way is answered, so the request's own transaction is kept.
        with request.db.begin_nested():
            if holding is not None:
                service.end_holding(holding, successor)
            else:
                service.close(leaver, successor)
    except (ConflictError, InvalidError) as error:
        return _leave_page(request, leaver, holding_id, login, said(request, error, field="successor"))
    return _back(request, leaver)


@view_config(route_name="people.reopen", request_method="POST", permission=Permission.ADMINISTER_ACCOUNTS)
def reopen(request: Request) -> Response:
    """A closed account may be used again."""
    back = the_person(request)
    _service(request).reopen(back)
    return _back(request, back)


def _waits(request: Request, new: Person) -> bool:
    """Whether a first password may be given on a page: he has none, and is no administrator."""
    administers = bool(new.roles & Role.administrators())
    return new.active and not administers and request.db.get(Credential, new.id) is None


def _new_page(request: Request, entered: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    return {"entered": entered, "errors": errors, "units": unit_choices(request), "posts": _post_names(request)}


def _person_page(
    request: Request,
    shown: Person,
    *,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    given: str = "",
    post: str = "",
) -> dict[str, Any]:
    return {
        "shown": shown,
        "entered": entered or {"login": shown.login, "name": shown.name, "unit": shown.unit_id, "email": shown.email},
        "errors": errors or {},
        "given": given,
        "post": post,
        "units": unit_choices(request),
        "posts": _post_names(request),
        "roles": ROLES,
        "credential": request.db.get(Credential, shown.id),
        "now": request.clock(),
    }


def _leave_page(
    request: Request, leaver: Person, holding_id: str, successor: str, errors: dict[str, str]
) -> dict[str, Any]:
    holding = _holding(leaver, holding_id)
    colleagues = select(Person).where(Person.unit_id == leaver.unit_id, Person.active, Person.id != leaver.id)
    return {
        "shown": leaver,
        "holding": holding,
        "open": _service(request).open_of(leaver),
        "successor": successor,
        "errors": errors,
        "colleagues": request.db.scalars(colleagues.order_by(Person.login).limit(_OFFERED)).all(),
    }


def _holding(leaver: Person, holding_id: str) -> PostHolding | None:
    """The holding that ends; None: all of them, with the account. Raises NotFoundError for another's."""
    if not holding_id:
        return None
    for holding in leaver.post_holdings:
        if holding.id == holding_id:
            return holding
    raise NotFoundError(_("没有这个机构、岗位或用户。"))


def _post_names(request: Request) -> list[str]:
    names = select(Post.name).where(Post.closed_at.is_(None)).distinct().order_by(Post.name)
    return list(request.db.scalars(names.limit(_OFFERED)))


def _back(request: Request, shown: Person) -> Response:
    return HTTPSeeOther(request.route_path("people.person", person_id=shown.id))


def _service(request: Request) -> AccountService:
    service: AccountService = request.find_service(AccountService)
    return service
