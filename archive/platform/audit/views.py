"""The audit page: who did what, when, to what."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from archive.platform.accounts.permissions import Permission
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.queries import PAGE_SIZE, AuditQueries, Filters
from archive.platform.audit.wording import ACTIONS, DETAILS, SUBJECTS, VALUES, words_for
from archive.platform.paging import page_number

__all__: list[str] = []


@view_config(
    route_name="audit.entries", permission=Permission.AUDIT, renderer="archive:platform/audit/templates/audit.jinja2"
)
def entries(request: Request) -> dict[str, Any]:
    """One page of entries, newest first, filtered by what stands in the address."""
    filters = Filters.of(request.GET)
    page = page_number(request.GET.get("page", ""))
    total, found = request.find_service(AuditQueries).entries(filters, page)
    return {
        "filters": filters,
        "found": found,
        "total": total,
        "page": page,
        "size": PAGE_SIZE,
        "url": lambda number: request.route_path("audit.entries", _query={**filters.parameters(), "page": number}),
        "only": lambda **wanted: request.route_path("audit.entries", _query={**filters.parameters(), **wanted}),
        "actions": [(action.value, request.translate(ACTIONS[action])) for action in AuditAction if action in ACTIONS],
        "words_for": words_for,
        "subjects": SUBJECTS,
        "details": DETAILS,
        "values": VALUES,
    }
