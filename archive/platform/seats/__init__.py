"""Seats of the reading room 阅览机: which addresses are in the room, and who sits there. 阅档不离室."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """`request.address` and `request.seat`; the page of the seats and its service."""
    # Imported here: the tables of this package are used where there is no web.
    from archive.platform.seats.requests import address_of, seat_of
    from archive.platform.seats.service import SeatService

    config.add_request_method(address_of, "address", reify=True)
    config.add_request_method(seat_of, "seat", reify=True)
    config.add_route("seats.seats", "/seats")
    config.add_route("seats.close", "/seats/{seat_id}/close", request_method="POST")
    config.add_route("seats.rule", "/seats/rule", request_method="POST")
    config.register_service_factory(
        lambda _context, request: SeatService(request.db, request.clock, request.actor), iface=SeatService
    )
    config.scan(".views")
