"""Who asks for something weighty shows once more that it is he himself."""

from datetime import timedelta

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response

from archive.platform.accounts.models import Credential, Pending, Person
from archive.platform.accounts.security import FIRST_OF_ALL
from archive.platform.accounts.sign_in import SignInService
from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__ = ["asks_password", "confirm_person", "me", "turned_to"]

_FRESH = timedelta(minutes=10)


def me(request: Request) -> Person:
    """The person who asks, as the transaction of this request knows him."""
    person: Person = request.db.get_one(Person, request.identity.id)
    return person


def asks_password(request: Request) -> bool:
    """Whether he has a password here; whoever signs in elsewhere shows himself by having done so just now."""
    return request.db.get(Credential, request.identity.id) is not None


def confirm_person(request: Request) -> None:
    """It is he himself. Raises InvalidError; a wrong password is counted, so the caller must commit."""
    if asks_password(request):
        request.find_service(SignInService).confirm_password(me(request), request.POST.get("password", ""))
    elif not _came_just_now(request):
        raise InvalidError(_("为确认是您本人，请退出后重新登录，在十分钟内办理。"), field="password")


def turned_to(request: Request, route: str) -> Response | None:
    """Where he has to go before he may see the page of this route; None: he may."""
    first: Pending | None = request.pending
    if first is None or FIRST_OF_ALL[first] == route:
        return None
    return HTTPSeeOther(request.route_path(FIRST_OF_ALL[first]))


def _came_just_now(request: Request) -> bool:
    opened = request.opened_session
    return opened is not None and request.clock() - opened.created_at < _FRESH
