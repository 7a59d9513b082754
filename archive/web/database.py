"""`request.db`: one session a request, in its transaction; writing for unsafe methods, reading for the others."""

from typing import cast

import zope.sqlalchemy
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid_tm import explicit_manager, is_tm_active
from sqlalchemy.orm import Session

__all__ = ["includeme"]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def includeme(config: Configurator) -> None:
    """Add the transaction and `request.db`."""
    # The policy asks for the person itself; annotating each transaction would ask the database a second time.
    config.add_settings({"tm.manager_hook": explicit_manager, "tm.annotate_user": False})
    config.include("pyramid_tm")
    config.add_request_method(_session, "db", property=True)


def _session(request: Request) -> Session:
    """The session of the running transaction; once that has ended (its commit failed), one for the error page."""
    name = "danggui.db" if is_tm_active(request) else "danggui.db.after"
    if name not in request.environ:
        request.environ[name] = _joined(request) if is_tm_active(request) else _loose(request)
    return cast(Session, request.environ[name])


def _joined(request: Request) -> Session:
    writes = request.method not in _SAFE
    session: Session = request.parts.database.session(writes=writes)
    # "changed" from the start: also what was written past the unit of work is committed.
    state = zope.sqlalchemy.datamanager.STATUS_CHANGED if writes else zope.sqlalchemy.datamanager.STATUS_ACTIVE
    zope.sqlalchemy.register(session, initial_state=state, transaction_manager=request.tm)
    return session


def _loose(request: Request) -> Session:
    session: Session = request.parts.database.session(writes=False)
    request.add_finished_callback(lambda _request: session.close())
    return session
