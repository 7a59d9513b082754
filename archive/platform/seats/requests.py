"""`request.address`: who asks; `request.seat`: the seat of the reading room that asks, or None."""

from typing import Any

from archive.platform.seats.addresses import address_behind, networks
from archive.platform.seats.queries import seat_at

__all__ = ["address_of", "seat_of"]


def address_of(request: Any) -> str | None:
    """The address a request comes from, through the listed proxies only."""
    proxies = networks(request.parts.settings.proxies)
    return address_behind(request.environ.get("REMOTE_ADDR"), request.headers.get("X-Forwarded-For", ""), proxies)


def seat_of(request: Any) -> str | None:
    """The id of the registered seat that asks; None: it asks from elsewhere."""
    return seat_at(request.db, request.address)
