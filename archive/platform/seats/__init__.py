"""Seats of the reading room 阅览机: which addresses are in the room, and who sits there. 阅档不离室."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """`request.address` and `request.seat`, and the page of the seats."""
    # Imported here: the tables of this package are used where there is no web.
    from archive.platform.seats.requests import address_of, seat_of

    config.add_request_method(address_of, "address", reify=True)
    config.add_request_method(seat_of, "seat", reify=True)
