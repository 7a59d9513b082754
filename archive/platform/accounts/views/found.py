"""Rows named in an address, for the pages of the administrators; and an error in the person's language."""

from typing import Any, TypeVar

from pyramid.request import Request

from archive.platform.accounts.models import Person, Post, Unit
from archive.platform.accounts.organisation import unit_lines
from archive.platform.accounts.people import person_by_login
from archive.platform.db import Base
from archive.platform.errors import DangguiError, InvalidError, NotFoundError
from archive.platform.i18n import _

__all__ = ["chosen_unit", "named_person", "said", "the_person", "the_post", "the_unit", "unit_choices"]

Row = TypeVar("Row", bound=Base)


def the_person(request: Request) -> Person:
    """The person of this address. Raises NotFoundError."""
    return _row(request, Person, request.matchdict["person_id"])


def the_unit(request: Request) -> Unit:
    """The unit of this address. Raises NotFoundError."""
    return _row(request, Unit, request.matchdict["unit_id"])


def the_post(request: Request) -> Post:
    """The post of this address. Raises NotFoundError."""
    return _row(request, Post, request.matchdict["post_id"])


def chosen_unit(request: Request, unit_id: str, *, field: str = "unit") -> Unit:
    """A unit that was chosen in a form. Raises InvalidError if it is none, or closed."""
    unit: Unit | None = request.db.get(Unit, unit_id)
    if unit is None or unit.closed_at is not None:
        raise InvalidError(_("请选择机构。"), field=field)
    return unit


def named_person(request: Request, login: str, *, field: str) -> Person | None:
    """Whom a login names that was entered in a form; None if nothing was. Raises InvalidError."""
    if not login:
        return None
    person = person_by_login(request.db, login)
    if person is None:
        raise InvalidError(_("没有登录名为 {login} 的用户。"), field=field, login=login)
    return person


def unit_choices(request: Request) -> list[tuple[str, str]]:
    """Units to choose from, those below a unit set in."""
    return [(line.unit.id, "　" * line.depth + line.unit.name) for line in unit_lines(request.db)]


def said(request: Request, *errors: DangguiError, field: str = "") -> dict[str, str]:
    """Field -> what is wrong with it, in the person's language; `field` for what names none."""
    request.response.status_int = 422
    return {getattr(error, "field", "") or field: request.translate(error.message, **error.facts) for error in errors}


def _row(request: Request, kind: type[Row], key: Any) -> Row:
    row: Row | None = request.db.get(kind, key)
    if row is None:
        raise NotFoundError(_("没有这个机构、岗位或用户。"))
    return row
