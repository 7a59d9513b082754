"""The public page: whoever holds a paper verifies it by its code. It says nothing of what the paper says."""

from typing import Any

from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from archive.borrowing.copies.codes import grouped, read_code
from archive.borrowing.copies.limit import Tries
from archive.borrowing.copies.queries import CopyQueries
from archive.borrowing.copies.words import KIND_WORDS

__all__: list[str] = []


@view_config(
    route_name="copies.verify",
    permission=NO_PERMISSION_REQUIRED,
    renderer="archive:borrowing/copies/templates/verify.jinja2",
)
def verify(request: Request) -> dict[str, Any]:
    """Genuine or not. What is no code, what is none of ours and what was not handed out are answered alike."""
    typed = request.GET.get("code", "")
    shown = {"typed": typed[:40], "asked": bool(typed.strip()), "many": False, "found": None, "kind_words": KIND_WORDS}
    if not shown["asked"]:
        return shown
    tries: Tries = request.registry.copy_tries
    if not tries.allow(request.address or "", request.clock()):
        request.response.status_int = 429
        return {**shown, "many": True}
    code = read_code(typed)
    found = request.find_service(CopyQueries).verify(code)
    return {**shown, "typed": grouped(code) if found else shown["typed"], "found": found}
