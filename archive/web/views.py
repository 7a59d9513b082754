"""The page of the day, and the choice of language."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.paper.queries import PaperQueries
from archive.platform.accounts.models import Language, Person
from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.service import AccountService
from archive.platform.accounts.views.sign_in import safe_next
from archive.platform.errors import InvalidError
from archive.platform.i18n import _
from archive.web.today import Today

__all__: list[str] = []


@view_config(route_name="home", permission=Permission.SIGNED_IN, renderer="archive:web/templates/today.jinja2")
def today(request: Request) -> dict[str, Any]:
    """What waits for this person, and what he may read now."""
    queries: PaperQueries = request.find_service(PaperQueries)
    return {
        "today": Today(request.db, request.clock).of(request.identity),
        "paper": queries.alarms() if request.has_permission(Permission.CUSTODY) else None,
        "to_sign": queries.to_sign(request.identity),
    }


@view_config(route_name="language", permission=Permission.ENTERED)
def choose_language(request: Request) -> Response:
    """Take the chosen language and go back to the page it was chosen on."""
    try:
        language = Language(request.POST.get("language", ""))
    except ValueError as error:
        raise InvalidError(_("没有这种界面语言。"), field="language") from error
    person = request.db.get_one(Person, request.identity.id)
    request.find_service(AccountService).change_language(person, language)
    return HTTPSeeOther(safe_next(request, request.POST.get("next", "")))
