"""Requests to use records, their approval, and the grants that follow. 无批不阅档，阅档不离室."""

from typing import Any

__all__ = ["includeme"]

_ROUTES = (
    ("borrowing.requests", "/requests", "GET"),
    ("borrowing.request_new", "/requests/new", None),
    ("borrowing.basket", "/requests/basket", "POST"),
    ("signed.new", "/requests/signed", None),
    ("signed.scan", "/requests/signed/{form_id}", "GET"),
    ("borrowing.request", "/requests/{request_id}", "GET"),
    ("borrowing.withdraw", "/requests/{request_id}/withdraw", "POST"),
    ("borrowing.grants", "/grants", "GET"),
    ("borrowing.task", "/grants/task", None),
    ("borrowing.revoke", "/grants/{grant_id}/revoke", "POST"),
    ("standing.list", "/standing", "GET"),
    ("standing.new", "/standing/new", None),
    ("standing.one", "/standing/{standing_id}", None),
    ("standing.withdraw", "/standing/{standing_id}/withdraw", "POST"),
    ("leaders.list", "/leaders", "GET"),
    ("leaders.new", "/leaders/new", None),
    ("leaders.answer", "/leaders/{order_id}/answer", "POST"),
    ("tasks.list", "/tasks", "GET"),
    ("tasks.export", "/tasks/{month}.{format:xlsx|pdf}", "GET"),
    ("tasks.month", "/tasks/{month}", None),
)


def includeme(config: Any) -> None:
    """Routes and services, and how many items somebody has put aside (`request.basket_size`)."""
    # Imported here: the tables and rules of this package are used where there is no web.
    from archive.borrowing.basket import Basket
    from archive.borrowing.leaders import LeaderService
    from archive.borrowing.queries import BorrowingQueries
    from archive.borrowing.service import BorrowingService
    from archive.borrowing.signed_forms import SignedFormService
    from archive.borrowing.standing import StandingService
    from archive.borrowing.task_list import TaskLists
    from archive.platform.approval.inbox import Inbox

    def register(service: Any) -> None:
        config.register_service_factory(
            lambda _context, request: service(request.db, request.clock, request.actor, request.parts.settings.zone),
            iface=service,
        )

    def queries(_context: object, request: Any) -> BorrowingQueries:
        return BorrowingQueries(request.db, request.clock, request.find_service(Inbox))

    def basket_size(request: Any) -> int:
        return Basket(request.db, request.clock, request.identity).size() if request.identity else 0

    for name, pattern, method in _ROUTES:
        config.add_route(name, pattern, **({"request_method": method} if method else {}))
    for service in (BorrowingService, LeaderService, SignedFormService, StandingService, TaskLists):
        register(service)
    config.register_service_factory(queries, iface=BorrowingQueries)
    config.add_request_method(basket_size, "basket_size", reify=True)
    config.scan(".views")
