"""Paper: its custody, the reading room, 出库 acts, visitors. 阅档不离室: no request takes paper out of the room."""

from typing import Any

__all__ = ["includeme"]

_ROUTES = (
    ("paper.desk", "/desk", "GET"),
    ("paper.closing_list", "/desk/closing.pdf", "GET"),
    ("paper.item", "/desk/items/{item_id}", "GET"),
    ("paper.fetch", "/desk/items/{item_id}/fetch", "POST"),
    ("paper.hand_over", "/desk/items/{item_id}/hand-over", "POST"),
    ("paper.take_back", "/desk/items/{item_id}/take-back", "POST"),
    ("paper.shelve", "/desk/items/{item_id}/shelve", "POST"),
    ("paper.report", "/desk/items/{item_id}/report", "POST"),
    ("paper.incidents", "/desk/incidents", "GET"),
    ("paper.incident", "/desk/incidents/{incident_id}", "GET"),
    ("paper.examine", "/desk/incidents/{incident_id}/examine", "POST"),
    ("paper.conclude", "/desk/incidents/{incident_id}/conclude", "POST"),
    ("paper.out_acts", "/desk/out", "GET"),
    ("paper.out_new", "/desk/out/new", None),
    ("paper.out_act", "/desk/out/{act_id}", "GET"),
    ("paper.out_card", "/desk/out/{act_id}/card.pdf", "GET"),
    ("paper.out_give", "/desk/out/{act_id}/give", "POST"),
    ("paper.out_take", "/desk/out/{act_id}/take", "POST"),
    ("paper.out_back", "/desk/out/{act_id}/back", "POST"),
    ("paper.out_withdraw", "/desk/out/{act_id}/withdraw", "POST"),
    ("paper.visits", "/desk/visitors", "GET"),
    ("paper.visit_new", "/desk/visitors/new", None),
    ("paper.visit", "/desk/visitors/{visit_id}", None),
    ("paper.visit_leave", "/desk/visitors/{visit_id}/leave", "POST"),
    ("paper.hours", "/desk/hours", None),
    ("paper.room", "/reading-room", None),
    ("paper.cancel_booking", "/reading-room/{booking_id}/cancel", "POST"),
)


def includeme(config: Any) -> None:
    """Routes and services."""
    # Imported here: the tables and rules of this package are used where there is no web.
    from archive.borrowing.paper.incidents import IncidentService
    from archive.borrowing.paper.out_acts import OutService
    from archive.borrowing.paper.queries import PaperQueries
    from archive.borrowing.paper.room import RoomService
    from archive.borrowing.paper.service import CustodyService
    from archive.borrowing.paper.visits import VisitService

    for name, pattern, method in _ROUTES:
        config.add_route(name, pattern, **({"request_method": method} if method else {}))

    def acting(request: Any) -> tuple[Any, ...]:
        return request.db, request.clock, request.actor, request.parts.settings.zone

    def with_zone(kind: Any) -> None:
        config.register_service_factory(lambda _context, request: kind(*acting(request)), iface=kind)

    def with_hours(kind: Any) -> None:
        config.register_service_factory(
            lambda _context, request: kind(*acting(request), request.parts.settings.closing_time), iface=kind
        )

    with_zone(IncidentService)
    with_zone(OutService)
    with_hours(CustodyService)
    with_hours(RoomService)
    with_hours(VisitService)

    def queries(_context: object, request: Any) -> PaperQueries:
        settings = request.parts.settings
        return PaperQueries(request.db, request.clock, settings.zone, settings.closing_time)

    config.register_service_factory(queries, iface=PaperQueries)
    config.scan(".views")
