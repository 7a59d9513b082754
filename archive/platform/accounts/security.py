"""Who asks: the Pyramid security policy over our session cookie. Permissions come from one table (permissions.py)."""

from dataclasses import replace
from functools import partial
from typing import Any

from pyramid.request import Request, RequestLocalCache
from pyramid.security import Allowed, Denied

from archive.platform.accounts.binding import end_taken, is_bound
from archive.platform.accounts.models import Pending, Person
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.accounts.second_factor import is_demanded
from archive.platform.accounts.sessions import Resumed, WebSessions
from archive.platform.accounts.sign_in_models import SecondFactor
from archive.platform.accounts.tokens import resume_token, touch_token
from archive.platform.seats.addresses import networks, parsed, within

__all__ = ["COOKIE", "FIRST_OF_ALL", "SessionPolicy", "bearer_token", "cookie_headers"]

COOKIE = "danggui_session"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: what may be done in a session in which something is pending
_BEFORE_ANYTHING = frozenset({Permission.ENTERED})
#: the page on which it is done, by route
FIRST_OF_ALL = {Pending.NEW_PASSWORD: "account.password", Pending.SECOND_FACTOR: "account.second_factor"}
_BEARER = "bearer "


class SessionPolicy:
    """The identity of a request is the Person whose session its cookie names, or whose token it shows, or None."""

    def __init__(self) -> None:
        self._resumed: RequestLocalCache = RequestLocalCache(_resume)

    def identity(self, request: Request) -> Person | None:
        """The person, looked up once per request."""
        return self.resumed(request).person

    def resumed(self, request: Request) -> Resumed:
        """What the request's cookie is worth."""
        resumed: Resumed = self._resumed.get_or_create(request)
        return resumed

    def authenticated_userid(self, request: Request) -> str | None:
        """The id of the person."""
        person = self.identity(request)
        return person.id if person else None

    def permits(self, request: Request, context: object, permission: str) -> Allowed | Denied:  # noqa: ARG002 - Pyramid's signature
        """Whether one of the person's roles carries the permission, and nothing has to be done before."""
        resumed = self.resumed(request)
        if resumed.person is None:
            return Denied("nobody is signed in")
        held = _BEFORE_ANYTHING if resumed.pending else permissions_of(resumed.person.roles)
        if permission in held and (resumed.scopes is None or permission in resumed.scopes):
            return Allowed("a role carries %s", permission)
        return Denied("no role carries %s", permission)

    def remember(self, request: Request, token: str, **_options: Any) -> list[tuple[str, str]]:
        """Headers that give the browser the token of a session, until it closes."""
        return cookie_headers(request, COOKIE, token)

    def forget(self, request: Request, **_options: Any) -> list[tuple[str, str]]:
        """Headers that take the token away."""
        return cookie_headers(request, COOKIE, None)


def bearer_token(request: Request) -> str | None:
    """The token of a program; with one, no cookie counts. None: a browser asks."""
    said: str = request.headers.get("Authorization", "")
    return said[len(_BEARER) :].strip() if said.lower().startswith(_BEARER) else None


def cookie_headers(request: Request, name: str, value: str | None) -> list[tuple[str, str]]:
    """Headers that set a cookie of ours, which ends with the browser, or take it away."""
    response = request.response.__class__()
    response.set_cookie(
        name,
        value,
        path=(request.script_name or "") + "/",
        httponly=True,
        samesite="Lax",
        secure=request.scheme == "https" or _came_by_tls(request),
    )
    return [(name, value) for name, value in response.headerlist if name.lower() == "set-cookie"]


def _came_by_tls(request: Request) -> bool:
    """Whether a proxy of ours says that the browser came to it by TLS."""
    peer, proxies = parsed(request.environ.get("REMOTE_ADDR") or ""), networks(request.parts.settings.proxies)
    said = request.headers.get("X-Forwarded-Proto", "").strip().lower()
    return said == "https" and peer is not None and within(peer, proxies)


def _resume(request: Request) -> Resumed:
    bearer = bearer_token(request)
    if bearer is not None:
        return _resume_token(request, bearer)
    token = request.cookies.get(COOKIE)
    if not token:
        return Resumed(None)
    resumed = WebSessions(request.db, request.clock).resume(token)
    by_address = request.parts.settings.session_address == "bound"
    if resumed.opened is not None and not is_bound(
        resumed.opened, request.user_agent or "", request.address, by_address=by_address
    ):
        _afterwards(request, partial(end_taken, token=token, address=request.address))
        return Resumed(None)
    if resumed.stale:
        _touch(request, token)
    return _with_demand(request, resumed)


def _resume_token(request: Request, token: str) -> Resumed:
    resumed = resume_token(request.db, request.clock, token)
    if resumed.stale:
        _afterwards(request, partial(touch_token, token=token))
    return resumed


def _with_demand(request: Request, resumed: Resumed) -> Resumed:
    """Whoever has to have a second factor, and has none, sees to it before anything else."""
    person, demanded = resumed.person, request.parts.settings.second_factor
    if person is None or resumed.pending is not None or not is_demanded(demanded, person):
        return resumed
    factor = request.db.get(SecondFactor, person.id)
    if factor is not None and factor.confirmed_at is not None:
        return resumed
    return replace(resumed, pending=Pending.SECOND_FACTOR)


def _afterwards(request: Request, write: Any) -> None:
    """Write in a transaction of its own when that of the request has ended, whether it was committed or not."""

    def finish(request: Request) -> None:
        with request.parts.database.writing() as session:
            write(session, request.clock)

    request.add_finished_callback(finish)


def _touch(request: Request, token: str) -> None:
    """Move the idle end. A reading request has a session that may not write, so it takes a short one of its own."""
    if request.method not in _SAFE:
        WebSessions(request.db, request.clock).touch(token)
        return
    with request.parts.database.writing() as session:
        WebSessions(session, request.clock).touch(token)
