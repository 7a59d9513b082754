"""My notices, and how I am told of them by e-mail."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.service import AccountService
from archive.platform.errors import InvalidError
from archive.platform.i18n import _
from archive.platform.notifications.kinds import ALWAYS, LABELS, NoticeKind
from archive.platform.notifications.models import Way
from archive.platform.notifications.service import PAGE, NoticeService
from archive.platform.notifications.words import words_of
from archive.platform.paging import page_number

__all__: list[str] = []

_TEMPLATES = "archive:platform/notifications/templates"
_WAYS = {Way.AT_ONCE: _("立即"), Way.DIGEST: _("每日汇总"), Way.NOT: _("不发")}


@view_config(route_name="notices.mine", permission=Permission.SIGNED_IN, renderer=f"{_TEMPLATES}/notices.jinja2")
def mine(request: Request) -> dict[str, Any]:
    """What I was told, unread notices first."""
    page = page_number(request.GET.get("page", ""))
    total, rows = _service(request).mine(request.identity, page)
    return {
        "rows": [(row, words_of(row, request.translate)) for row in rows],
        "total": total,
        "page": page,
        "size": PAGE,
        "url": lambda n: request.route_path("notices.mine", _query={"page": n}),
    }


@view_config(route_name="notices.read_all", permission=Permission.SIGNED_IN)
def read_all(request: Request) -> Response:
    """Mark everything read."""
    _service(request).read_all(request.identity)
    return HTTPSeeOther(request.route_path("notices.mine"))


@view_config(route_name="notices.open", permission=Permission.SIGNED_IN)
def open_notice(request: Request) -> Response:
    """Mark it read, and go where it is seen to."""
    notice = _service(request).open(request.matchdict["notice_id"], request.identity)
    return HTTPSeeOther(request.script_name + notice.link if notice.link else request.route_path("notices.mine"))


@view_config(
    route_name="notices.choices",
    request_method="GET",
    permission=Permission.SIGNED_IN,
    renderer=f"{_TEMPLATES}/choices.jinja2",
)
def choices(request: Request) -> dict[str, Any]:
    """My address, and for each kind whether and when it comes by e-mail."""
    return _choices(request, request.identity.email, {})


@view_config(
    route_name="notices.choices",
    request_method="POST",
    permission=Permission.SIGNED_IN,
    renderer=f"{_TEMPLATES}/choices.jinja2",
)
def choose(request: Request) -> dict[str, Any] | Response:
    """Keep them."""
    entered = str(request.POST.get("email", "")).replace("\0", "").strip()
    person = request.db.get_one(Person, request.identity.id)
    ways = {kind: Way(sent) for kind in LABELS if (sent := request.POST.get(kind)) in set(Way)}
    try:
        request.find_service(AccountService).change_email(person, entered)
        _service(request).choose(person, ways)
    except InvalidError as error:
        request.tm.doom()
        request.response.status_int = 422
        return _choices(request, entered, {error.field: request.translate(error.message, **error.facts)})
    return HTTPSeeOther(request.route_path("notices.choices", _query={"saved": "1"}))


def _choices(request: Request, email: str, errors: dict[str, str]) -> dict[str, Any]:
    return {
        "email": email,
        "kinds": LABELS,
        "chosen": _service(request).choices(request.identity),
        "options": {kind: _offered(request, kind) for kind in LABELS},
        "sends": request.parts.settings.mail_server is not None,
        "saved": "saved" in request.GET,
        "errors": errors,
    }


def _offered(request: Request, kind: NoticeKind) -> list[tuple[Way, str]]:
    """The ways to choose from, in words."""
    return [(way, request.translate(words)) for way, words in _WAYS.items() if not (way is Way.NOT and kind in ALWAYS)]


def _service(request: Request) -> NoticeService:
    service: NoticeService = request.find_service(NoticeService)
    return service
