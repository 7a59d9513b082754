"""Requests to read, their approval, and the grants that follow. 无批不阅档，阅档不离室."""

from typing import Any

__all__ = ["includeme"]

_ROUTES = (
    ("borrowing.requests", "/requests", "GET"),
    ("borrowing.request_new", "/requests/new", None),
    ("borrowing.request", "/requests/{request_id}", "GET"),
    ("borrowing.withdraw", "/requests/{request_id}/withdraw", "POST"),
    ("borrowing.grants", "/grants", "GET"),
    ("borrowing.task", "/grants/task", None),
    ("borrowing.revoke", "/grants/{grant_id}/revoke", "POST"),
)


def includeme(config: Any) -> None:
    """Routes and services."""
    # Imported here: the tables and rules of this package are used where there is no web.
    from archive.borrowing.queries import BorrowingQueries
    from archive.borrowing.service import BorrowingService
    from archive.platform.approval.inbox import Inbox

    def service(_context: object, request: Any) -> BorrowingService:
        return BorrowingService(request.db, request.clock, request.actor, request.parts.settings.zone)

    def queries(_context: object, request: Any) -> BorrowingQueries:
        return BorrowingQueries(request.db, request.clock, request.find_service(Inbox))

    for name, pattern, method in _ROUTES:
        config.add_route(name, pattern, **({"request_method": method} if method else {}))
    config.register_service_factory(service, iface=BorrowingService)
    config.register_service_factory(queries, iface=BorrowingQueries)
    config.scan(".views")
