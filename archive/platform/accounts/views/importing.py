"""Importing people: a file, then what it says with what is wrong, then all of it."""

import base64
import binascii
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from archive.platform.accounts.importing import COLUMNS, MOST_BYTES, MOST_ROWS, check_people, import_people, read_table
from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.service import AccountService
from archive.platform.accounts.views.found import said
from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__: list[str] = []

_TEMPLATE = "archive:platform/accounts/templates/people_import.jinja2"


@view_config(
    route_name="people.import", request_method="GET", permission=Permission.ADMINISTER_ACCOUNTS, renderer=_TEMPLATE
)
def ask(_request: Request) -> dict[str, Any]:
    """Where to choose the file, and how it has to look."""
    return _page()


@view_config(
    route_name="people.import", request_method="POST", permission=Permission.ADMINISTER_ACCOUNTS, renderer=_TEMPLATE
)
def take(request: Request) -> dict[str, Any]:
    """The preview of a file; or, when it was confirmed and still nothing is wrong, everybody in it."""
    try:
        data = _sent(request)
        lines = check_people(request.db, read_table(data))
    except InvalidError as error:
        return _page(errors=said(request, error, field="file"))
    bad = sum(bool(line.wrong) for line in lines)
    if bad:
        request.response.status_int = 422
    elif "kept" in request.POST:
        return _page(done=import_people(request.db, request.find_service(AccountService), lines))
    return _page(lines=lines, bad=bad, kept=base64.b64encode(data).decode())


def _sent(request: Request) -> bytes:
    """The file that was chosen, or the one that was looked at before and comes back."""
    kept = request.POST.get("kept")
    if kept is not None:
        try:
            return base64.b64decode(str(kept), validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidError(_("请选择文件。"), field="file") from error
    chosen = request.POST.get("file")
    if not hasattr(chosen, "file"):
        raise InvalidError(_("请选择文件。"), field="file")
    data: bytes = chosen.file.read(MOST_BYTES + 1)
    return data


def _page(**found: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {"lines": [], "bad": 0, "kept": "", "done": None, "errors": {}}
    return {**nothing, **found, "columns": list(COLUMNS), "most": MOST_ROWS}
