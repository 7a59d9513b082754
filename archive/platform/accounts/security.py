"""Who asks: the Pyramid security policy over our session cookie. Permissions come from one table (permissions.py)."""

from typing import Any

from pyramid.request import Request, RequestLocalCache
from pyramid.security import Allowed, Denied

from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.accounts.sessions import Resumed, WebSessions

__all__ = ["COOKIE", "SessionPolicy"]

COOKIE = "danggui_session"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: what may be done in a session in which something is pending
_BEFORE_ANYTHING = frozenset({Permission.ENTERED})


class SessionPolicy:
    """The identity of a request is the Person whose session its cookie names, or None."""

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
        if permission in held:
            return Allowed("a role carries %s", permission)
        return Denied("no role carries %s", permission)

    def remember(self, request: Request, token: str, **_options: Any) -> list[tuple[str, str]]:
        """Headers that give the browser the token of a session, until it closes."""
        return _cookie_headers(request, token)

    def forget(self, request: Request, **_options: Any) -> list[tuple[str, str]]:
        """Headers that take the token away."""
        return _cookie_headers(request, None)


def _resume(request: Request) -> Resumed:
    token = request.cookies.get(COOKIE)
    if not token:
        return Resumed(None)
    resumed = WebSessions(request.db, request.clock).resume(token)
    if resumed.stale:
        _touch(request, token)
    return resumed


def _touch(request: Request, token: str) -> None:
    """Move the idle end. A reading request has a session that may not write, so it takes a short one of its own."""
    if request.method not in _SAFE:
        WebSessions(request.db, request.clock).touch(token)
        return
    with request.parts.database.writing() as session:
        WebSessions(session, request.clock).touch(token)


def _cookie_headers(request: Request, token: str | None) -> list[tuple[str, str]]:
    response = request.response.__class__()
    response.set_cookie(
        COOKIE,
        token,
        path=(request.script_name or "") + "/",
        httponly=True,
        samesite="Lax",
        secure=request.scheme == "https",
    )
    return [(name, value) for name, value in response.headerlist if name.lower() == "set-cookie"]
